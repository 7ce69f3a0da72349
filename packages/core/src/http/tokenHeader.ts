/** The header that carries the token. */
export const TOKEN_HEADER = "X-Auth-Token"

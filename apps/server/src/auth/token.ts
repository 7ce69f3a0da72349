import { hash, randomBytes } from "node:crypto"

/** A new token: `bct_` and 256 random bits in base64url. The prefix lets scanners for leaked secrets recognise it. */
export const generateToken = (): string => `bct_${randomBytes(32).toString("base64url")}`

/** The form in which a token is kept and looked up: its SHA-256, 32 bytes. */
export const hashToken = (token: string): Buffer => hash("sha256", token, "buffer")

/** What a token is called where it must not be shown: the first 12 hexadecimal digits of its hash. */
export const tokenName = (hash: Buffer): string => hash.toString("hex").slice(0, 12)

/** What a token is looked up by: its SHA-256, as bytes and as the key of a map. */
export interface TokenKey {
  readonly hash: Buffer
  readonly text: string
}

/** The key of a token. */
export const tokenKey = (token: string): TokenKey => {
  const hash = hashToken(token)
  return { hash, text: hash.toString("latin1") }
}

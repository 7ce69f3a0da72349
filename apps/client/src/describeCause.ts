/** What Node says of certificates whose authority it does not know. */
const untrusted: ReadonlySet<unknown> = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
])

// OpenSSL puts its own reason between the names of its functions and files.
const openssl = /\berror:[0-9A-F]{8}:[^:]*:[^:]*:([^:]+):/

const adviceOn = (error: Error): string => {
  if ("code" in error && untrusted.has(error.code)) {
    return "; set NODE_EXTRA_CA_CERTS to the file with the certificate of its authority before the program starts"
  }
  return error.message.includes("wrong version number") ? "; it may speak no TLS, and have an address with http://" : ""
}

const reasonOf = ({ message }: Error): string => {
  const [, reason] = openssl.exec(message) ?? []
  return reason === undefined ? message : `TLS failed: ${reason}`
}

/**
 * The deepest reason that a failed fetch gives, without a full stop, and what may be done: its own message is only
 * "fetch failed".
 */
export const describeCause = (cause: unknown): string => {
  let [reason, advice] = ["no reason is known", ""]
  let error = cause
  for (let depth = 0; depth < 5 && error instanceof Error; depth++) {
    if (error.message !== "") [reason, advice] = [reasonOf(error), adviceOn(error)]
    error = error instanceof AggregateError ? error.errors[0] : error.cause
  }
  return `${reason.replace(/[.\s]+$/, "")}${advice}`
}

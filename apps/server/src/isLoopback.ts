import { isIP } from "node:net"

/** Whether nobody but this machine can reach what listens on a host. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))

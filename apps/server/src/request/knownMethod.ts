import type { IncomingMessage } from "node:http"

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])

/** The method of a request, where it is one that is named in metrics and traces; callers may send any other. */
export const knownMethod = ({ method = "" }: IncomingMessage): string | undefined =>
  METHODS.has(method) ? method : undefined

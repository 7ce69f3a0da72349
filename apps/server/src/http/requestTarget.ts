/** The path of a request target, without its query. */
export const pathOf = (target: string): string => {
  const end = target.indexOf("?")
  return end === -1 ? target : target.slice(0, end)
}

/** The query of a request target, as it was written, without `?`; empty when there is none. */
export const searchOf = (target: string): string => {
  const start = target.indexOf("?")
  return start === -1 ? "" : target.slice(start + 1)
}

import { continued } from "@backup-catalog/core/http"

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

/** A target whose query has all that it means: what its marker has of the question, too. */
export const wholeTarget = (target: string): string => {
  const search = searchOf(target)
  const whole = continued(search)
  return whole === search ? target : `${pathOf(target)}?${whole}`
}

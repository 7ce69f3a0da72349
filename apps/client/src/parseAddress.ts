import { Either, Option } from "effect"

/**
 * The origin and path of an address, without a slash at the end, or what it must be, as the end of a sentence that
 * begins with its name. An address is never quoted: there may be a password in it.
 */
export const parseAddress = (address: string | URL): Either.Either<string, string> => {
  const parsed = Option.liftThrowable(() => new URL(address))()
  if (Option.isNone(parsed) || !/^https?:$/.test(parsed.value.protocol)) {
    return Either.left("must be a complete address that begins with http:// or https://")
  }
  const { username, password, href, origin, pathname } = parsed.value
  if (username !== "" || password !== "") return Either.left("must not contain a user name or password")
  if (/[?#]/.test(href)) return Either.left("must end with its path, without ? or #")
  return Either.right(origin + pathname.replace(/\/+$/, ""))
}

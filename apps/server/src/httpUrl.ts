import { Data, Effect, Option } from "effect"

/**
 * A text is no http or https URL as it is wanted; `must` says what it must be, and what it is where that is no secret.
 */
export class NoHttpUrl extends Data.TaggedError("NoHttpUrl")<{ readonly must: string }> {}

/** An http or https URL without credentials, query and fragment; given without a slash at its end. */
export const httpUrl = (text: string): Effect.Effect<string, NoHttpUrl> => {
  const url = Option.getOrUndefined(Option.liftThrowable((href: string) => new URL(href))(text))
  return url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search === "" &&
    url.hash === "" &&
    url.username === "" &&
    url.password === ""
    ? Effect.succeed(url.href.replace(/\/+$/, ""))
    : new NoHttpUrl({
        // What it is instead may have a secret in it.
        must:
          "an http or https URL without credentials, query or fragment, such as " +
          `https://backups.example.com${/[@?]/.test(text) ? "" : `; not ${text}`}`
      })
}

import { Effect } from "effect"
import { SourceRefused } from "./Importer.ts"
import { plainText } from "./recordText.ts"

const MAX_WORDS = 500

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const colours = /\u001b\[[\d;]*m/g

/** What OpenSSH says of the host that it connects to, by itself, or to restic and Borg, which pass it on. */
export const sshNote =
  /^(?:subprocess ssh: |Remote: )?(?:Warning: Permanently added |\*\* (?:WARNING: connection is not using a post-quantum key exchange algorithm\.|This session may be vulnerable to "store now, decrypt later" attacks\.|The server may need to be upgraded\. See https:\/\/openssh\.com\/pq\.html)$)/

/** The messages on a tool's stderr, without colours and the notes of ssh; a line that is indented belongs to the one before. */
export const messagesOf = (stderr: string | undefined): ReadonlyArray<string> =>
  (stderr ?? "")
    .replace(colours, "")
    .split(/\r?\n(?![ \t])/)
    .map((message) => plainText(message.replace(/\s+/g, " ").trim()))
    .filter((message) => message !== "" && !sshNote.test(message))

/** What Python says of the program that it runs, and not of what that lists. */
export const pythonWarning = /^.+\.py:\d+: \w*Warning: /

/** Refuses an output whose tool complained, with its words; `isHarmless` tells what its documentation calls no complaint. */
export const refuseComplaints = (
  title: string,
  messages: ReadonlyArray<string>,
  isHarmless: (message: string) => boolean
): Effect.Effect<void, SourceRefused> => {
  const complaint = messages.find((message) => !isHarmless(message))
  return complaint === undefined
    ? Effect.void
    : new SourceRefused({
        message: `${title} complained, so its list may not be whole: ${complaint.slice(0, MAX_WORDS)}`
      })
}

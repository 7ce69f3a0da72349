import { Effect } from "effect"
import { SourceRefused } from "../Importer.ts"
import { plainText, toolWords } from "../records/recordText.ts"

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const colours = /\u001b\[[\d;]*m/g

// Of a host that it knows from now on, and of its key exchange.
const ofSsh =
  "Warning: Permanently added |" +
  String.raw`\*\* (?:WARNING: connection is not using a post-quantum key exchange algorithm\.|` +
  String.raw`This session may be vulnerable to "store now, decrypt later" attacks\.|` +
  String.raw`The server may need to be upgraded\. See https:\/\/openssh\.com\/pq\.html)$`

// Of a locale that was sent along and that its host lacks; and of a name of its host that nothing knows.
const ofShell = String.raw`-?(?:\/\S*\/)?bash: (?:line \d+: )?warning: setlocale: `
const ofSudo = "sudo: unable to resolve host "

/** What ssh, the shell of another host, and sudo say on the way to a tool; restic and Borg pass it on. */
export const wayNote = new RegExp(`^(?:subprocess ssh: |Remote: )?(?:${ofSsh}|${ofShell}|${ofSudo})`)

/**
 * The messages on a tool's stderr, without colours and what was said on the way to it; a line that is indented belongs
 * to the one before.
 */
export const messagesOf = (stderr: string | undefined): ReadonlyArray<string> =>
  (stderr ?? "")
    .replace(colours, "")
    .split(/\r?\n(?![ \t])/)
    .map((message) => plainText(message.replace(/\s+/g, " ").trim()))
    .filter((message) => message !== "" && !wayNote.test(message))

/** What Python says of the program that it runs, and not of what that lists. */
export const pythonWarning = /^.+\.py:\d+: \w*Warning: /

/**
 * Refuses an output whose tool complained, with its words; `isHarmless` tells what its documentation calls no
 * complaint.
 */
export const refuseComplaints = (
  title: string,
  messages: ReadonlyArray<string>,
  isHarmless: (message: string) => boolean
): Effect.Effect<void, SourceRefused> => {
  const complaint = messages.find((message) => !isHarmless(message))
  return complaint === undefined
    ? Effect.void
    : new SourceRefused({
        message: `${title} complained, so its list may not be whole: ${toolWords(complaint)}`
      })
}

import { Predicate } from "effect"
import type { Problem } from "../Importer.ts"

// The second is how other services of OpenStack call them, and so what stands before a server may.
const linkMembers = ["links", "backups_links"] as const

/** An answer to a request for the list of backups. */
export interface Answer extends Partial<Readonly<Record<(typeof linkMembers)[number], unknown>>> {
  readonly backups: ReadonlyArray<unknown>
}

/** Whether a value is an answer to a request for the list of backups. */
export const isAnswer = (value: unknown): value is Answer => Predicate.isRecord(value) && Array.isArray(value.backups)

interface NextLink {
  readonly member: string
  readonly href: unknown
}

/** The link to the next answer, and the member that has it; undefined where nothing follows. */
const nextOf = (answer: Answer): NextLink | undefined => {
  for (const member of linkMembers) {
    const links = answer[member]
    const next = (Array.isArray(links) ? links : [links]).find(
      (link) => Predicate.isRecord(link) && link.rel === "next"
    )
    if (next !== undefined) return { member, href: next.href }
  }
  return undefined
}

const number = /[?&]marker=(\d+)(?:[&#]|$)/

/**
 * How many backups precede the next answer by its link, as OpenStack's Trove counts them; undefined where it tells
 * another way.
 */
const precedingBy = ({ href }: NextLink, { backups }: Answer): number | undefined => {
  const [, marker] = typeof href === "string" ? (number.exec(href) ?? []) : []
  const last = backups.at(-1)
  // Another server may have numbers for ids, and the last of them for a marker.
  const isId = Predicate.isRecord(last) && String(last.id) === marker
  return marker === undefined || isId ? undefined : Number(marker)
}

/** Where an answer is, as the beginning of the place of what is in it. */
export const placeOf = (n: number, answers: ReadonlyArray<Answer>): string => (answers.length === 1 ? "" : `[${n}].`)

/** What shows that answers are not all pages of one list. */
export interface Gaps {
  readonly problems: ReadonlyArray<Problem>
  /** Whether they follow each other in one list, of which only the end may be missing. */
  readonly areConsecutive: boolean
}

/** What shows that answers are not all pages of one list, in their order. */
export const gapsIn = (answers: ReadonlyArray<Answer>): Gaps => {
  const problems: Array<Problem> = []
  let areConsecutive = true
  let listed = 0
  for (const [n, answer] of answers.entries()) {
    listed += answer.backups.length
    const next = nextOf(answer)
    const isLast = n === answers.length - 1
    if (next === undefined) {
      if (isLast) continue
      areConsecutive = false
      const message = "this is the last page of a list, and other answers follow: import each list by itself"
      problems.push({ place: `[${n}]`, message })
      continue
    }
    const place = `${placeOf(n, answers)}${next.member}`
    const preceding = precedingBy(next, answer)
    // A single answer may have been asked for from its marker on.
    if (answers.length > 1 && preceding !== undefined && preceding !== listed) {
      areConsecutive = false
      const message =
        `by this link, ${preceding} backups come before the next answer, but ${listed} were given, so a page ` +
        "is missing or was given twice: save all pages again, in their order"
      problems.push({ place, message })
    }
    if (isLast) {
      const message =
        "more pages follow and were not given, so backups are missing: save the pages behind this link, too"
      problems.push({ place, message })
    }
  }
  return { problems, areConsecutive }
}

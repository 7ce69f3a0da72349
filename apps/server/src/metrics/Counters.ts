/** A request that was answered, or whose caller has hung up. */
export interface ObservedRequest {
  /** The path of its operation as it was declared, `none` where there is none. */
  readonly route: string
  readonly method: string
  /** 499 where the caller has hung up. */
  readonly status: number
  /** The role of its token, `none` where nobody was let in. */
  readonly role: string
  /** From its headers to the end of its answer. */
  readonly seconds: number
}

/** Why a request was refused that the server could not carry. */
export type Overloaded = "requests" | "delay"

/** A number that is looked at when somebody wants to know it. */
export interface Watched {
  readonly name: string
  readonly help: string
  /** What it is counted in (UCUM), where that is not a number of things. */
  readonly unit?: "By" | "s"
  /** Whether it only grows, as what is counted does. */
  readonly grows?: boolean
  /** The name of its label, where there are several numbers, each by the value of the label. */
  readonly label?: string
  /** What several processes have together. */
  readonly together: "sum" | "max" | "min"
  readonly read: () => number | Readonly<Record<string, number>>
}

/** What is counted while a server answers. */
export interface Counters {
  readonly began: (method: string) => void
  readonly ended: (request: ObservedRequest) => void
  /** Counts a page of a list, by whether it was remembered. */
  readonly page: (remembered: boolean) => void
  /** Counts a token that was looked at, by whether it was remembered. */
  readonly token: (remembered: boolean) => void
  readonly overloaded: (reason: Overloaded) => void
  readonly watch: (watched: Watched) => void
}

/** The bounds of the histogram of durations, in seconds. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The numbers of what is watched, each with the value of its label. */
export const numbersOf = ({ read }: Watched): ReadonlyArray<readonly [value: string, number: number]> => {
  const numbers = read()
  return typeof numbers === "number" ? [["", numbers]] : Object.entries(numbers)
}

import { homedir } from "node:os"

/** What of the machine a sign-in looks at; each is the process's own where it is not given. */
export interface Surroundings {
  /** The variables of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that is looked for `clouds.yaml` first. */
  readonly cwd: string
  /** The home folder of the user; empty where there is none. */
  readonly home: string
  /** The folder of `clouds.yaml` that all users of the machine share: `/etc/openstack`. */
  readonly site: string
}

const homeFolder = (): string => {
  try {
    return homedir()
  } catch {
    // A user whom the system does not know has none.
    return ""
  }
}

/** The surroundings, with those of the process for what is not given. */
export const surroundingsOf = (given: Partial<Surroundings>): Surroundings => ({
  env: given.env ?? process.env,
  cwd: given.cwd ?? process.cwd(),
  home: given.home ?? homeFolder(),
  site: given.site ?? "/etc/openstack"
})

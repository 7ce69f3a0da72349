import type { Command } from "./Command.ts"

// In the order of the help. A run reads the files of its own command alone, which is most of how fast it starts.
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  list: async () => (await import("../commands/List.ts")).list,
  show: async () => (await import("../commands/Show.ts")).show,
  chain: async () => (await import("../commands/Chain.ts")).chain,
  check: async () => (await import("../commands/Check.ts")).check,
  register: async () => (await import("../commands/Register.ts")).register,
  delete: async () => (await import("../commands/Delete.ts")).deleteBackups,
  import: async () => (await import("../commands/Import.ts")).importBackups,
  sync: async () => (await import("../commands/Sync.ts")).sync,
  login: async () => (await import("../commands/Login.ts")).login,
  logout: async () => (await import("../commands/Logout.ts")).logout,
  version: async () => (await import("../commands/Version.ts")).version,
  completion: async () => (await import("../commands/Completion.ts")).completion(loadAll)
}

const loadAll = (): Promise<ReadonlyArray<Command>> => Promise.all(Object.values(loaders).map((load) => load()))

/** The commands that a command line can mean: the one that it begins with, or else all. */
export const loadCommands = async ([first = ""]: ReadonlyArray<string>): Promise<ReadonlyArray<Command>> => {
  const load = Object.hasOwn(loaders, first) ? loaders[first] : undefined
  return load === undefined ? loadAll() : [await load()]
}

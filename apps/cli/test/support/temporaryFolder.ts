import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A new folder with files of some contents; everybody may look into it. */
export const temporaryFolder = (files: Readonly<Record<string, string | Uint8Array>> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), "backups-folder-"))
  chmodSync(folder, 0o755)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

const NOBODY = 65_534

/** Does something as a user who is not allowed everything; the superuser would find nothing forbidden. */
export const asNobody = async <A>(act: () => Promise<A>): Promise<A> => {
  const user = process.geteuid?.()
  if (user === 0) process.seteuid?.(NOBODY)
  try {
    return await act()
  } finally {
    if (user === 0) process.seteuid?.(user)
  }
}

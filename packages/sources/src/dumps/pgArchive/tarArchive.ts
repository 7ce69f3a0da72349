import type { SourceFile } from "../../Importer.ts"
import type { DumpContent } from "../Dump.ts"
import { partOf } from "../pgPart.ts"
import { isCompleteSql } from "../pgSql.ts"
import { endsAsTar, tarMembers, WHOLE_TAR_OF_SQL, withoutZeros } from "../tar.ts"
import { contentOf, isArchive, readArchive, unreadHead } from "./contents.ts"

/** Whether a tar archive ends with the file that pg_dump writes last: `restore.sql`, which is SQL. */
const endsInScript = (file: SourceFile): boolean =>
  endsAsTar(file) && (file.digest === WHOLE_TAR_OF_SQL || isCompleteSql(withoutZeros(file.tail)))

/** What a tar archive of pg_dump says; undefined when it is another tar file. */
export const readTarArchive = (file: SourceFile): DumpContent | undefined => {
  const [member] = tarMembers(file.head)
  if (member?.name !== "toc.dat" || !isArchive(member.content)) return undefined
  const read = readArchive(member.content)
  if (read === undefined) return unreadHead("tar archive", member.content)
  const { head, contents } = read
  const part = contents && partOf(contents.kinds, contents.isWhole)
  const content = contentOf(head, "tar archive", endsInScript(file) ? undefined : "cut off", part)
  // The table of contents is written last, at a time that is kept in UTC.
  return member.modified === undefined ? content : { ...content, ended: { instant: member.modified } }
}

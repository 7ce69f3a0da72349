import { Effect } from "effect"
import { readPaths } from "../folders/pathPattern.ts"
import { finishedPath } from "../folders/runningName.ts"
import { withoutAppleDouble } from "../folders/withoutAppleDouble.ts"
import type { FolderImporter } from "../Importer.ts"
import { requireTimeZone } from "../reading/requireTimeZone.ts"
import { candidateOf, NAME, withoutCopies } from "./Candidate.ts"
import type { DumpTime } from "./Dump.ts"
import { dumpRecord } from "./dumpRecord.ts"
import { findDumps } from "./findDumps.ts"
import { insideBaseBackup } from "./pgBasebackup/parts.ts"
import { oddities, packed, problemOf, refuseNone } from "./troubles.ts"
import { wants } from "./wants.ts"

const TITLE = "pg_dump, pg_dumpall, pg_basebackup, mysqldump and mydumper"

const isLocal = (time: DumpTime | undefined): boolean => time !== undefined && "local" in time

const parse: FolderImporter["parse"] = (files, options) =>
  Effect.gen(function* () {
    const found = findDumps(files)
    const broken = found.map((dump) => ({ dump, trouble: problemOf(dump) }))
    const dumps = broken.filter(({ trouble }) => trouble === undefined).map(({ dump }) => dump)
    const troubles = [...broken.flatMap(({ trouble }) => trouble ?? []), ...packed(files, found)]
    const problems = troubles.map(({ problem }) => problem)
    if (dumps.length === 0) return yield* refuseNone(files, problems)
    const unzoned = dumps.find(({ content }) => isLocal(content?.started) || isLocal(content?.ended))
    const [tool = ""] = unzoned?.content?.form.split(" ") ?? []
    const zone =
      unzoned === undefined
        ? "UTC"
        : yield* requireTimeZone(tool, options, "make the dumps where TZ=UTC is set and give --time-zone UTC")
    const paths = yield* readPaths(
      dumps.map(({ path }) => finishedPath(path)),
      options.pattern
    )
    const { kept, problems: copies } = withoutCopies(
      dumps.map((dump) => candidateOf(dump, paths.namesOf(finishedPath(dump.path)), zone, options.source))
    )
    return {
      records: kept.map((candidate) => dumpRecord(candidate, kept, options)),
      problems: [...problems, ...paths.problems, ...copies, ...kept.flatMap(oddities)],
      complete: troubles.every(({ isUnread }) => !isUnread)
    }
  })

/** Reads folders of what pg_dump, pg_dumpall, pg_basebackup, mysqldump and mydumper wrote. */
export const dumps: FolderImporter = withoutAppleDouble({
  kind: "folder",
  name: NAME,
  title: TITLE,
  wants,
  detect: (files) => findDumps(files).some(({ content }) => content !== undefined && content.form !== "dump"),
  insideOf: insideBaseBackup,
  parse
})

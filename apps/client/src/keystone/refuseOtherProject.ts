import { UnexpectedAnswer } from "@backup-catalog/core"
import { Effect } from "effect"
import { concealed } from "../concealed.ts"
import type { InvalidOption } from "../HttpCatalogOptions.ts"
import { type Named, secretIn } from "./Credentials.ts"
import type { Settings } from "./Settings.ts"
import { invalidSetting } from "./Source.ts"
import type { Project } from "./TokenAnswer.ts"

// The database of a Keystone mostly looks names up without case: the domain `default` is that of the name `Default`.
const isSame = (asked: string, given: string | undefined): boolean => asked.toLowerCase() === given?.toLowerCase()

const isAskedFor = (asked: Named, { id, name, domain }: Project): boolean => {
  if ("id" in asked) return asked.id === id
  const isThere = "id" in asked.domain ? asked.domain.id === domain?.id : isSame(asked.domain.name, domain?.name)
  return isThere && isSame(asked.name, name)
}

const describe = ({ id, name, domain }: Project): string => {
  const place = domain === undefined ? "" : ` of the domain ${domain.name ?? domain.id}`
  return name === undefined ? id : `${name}${place} (${id})`
}

/** Fails where a token is of another project than the one that is set: its backups are those of somebody else. */
export const refuseOtherProject = (
  { authUrl, credentials, source }: Settings,
  given: Project
): Effect.Effect<void, InvalidOption | UnexpectedAnswer> => {
  const asked = credentials.project
  if (asked === undefined || isAskedFor(asked, given)) return Effect.void
  const project = concealed(describe(given), [secretIn(credentials)])
  const setting = source.nameOf("id" in asked ? "projectId" : "projectName")
  return credentials.method === "application_credential"
    ? invalidSetting(
        setting,
        `must be the project of the application credential, ${project}, which is good for no other; leave it out, or sign in in another way`
      )
    : new UnexpectedAnswer({
        code: 201,
        message: `Keystone at ${authUrl} gave a token of the project ${project}, which is not the one that ${setting.words} asks for.`
      })
}

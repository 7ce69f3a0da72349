// Signs in as the OpenStack tools do, walks all backups of the project, and has Keystone revoke the token on the way;
// prints what came, as JSON.
import { createClient } from "@backup-catalog/client"
import { signIn } from "@backup-catalog/client/keystone"
import { Redacted } from "effect"

const session = await signIn()
const { backups } = createClient(session.clientOptions)

const revoke = async () => {
  const token = Redacted.value(await session.token())
  const answer = await fetch(`${process.env.OS_AUTH_URL}/auth/tokens`, {
    method: "DELETE",
    headers: { "X-Auth-Token": token, "X-Subject-Token": token }
  })
  if (!answer.ok) throw new Error(`Keystone answered ${answer.status}`)
  return token
}

const ids = []
let revoked
for await (const page of backups.list({}, { pageSize: 500 }).pages()) {
  ids.push(...page.map(({ id }) => id))
  revoked ??= await revoke()
}
const renewed = Redacted.value(await session.token()) !== revoked
process.stdout.write(JSON.stringify({ account: session.account, url: session.url, renewed, ids }))

import { assert } from "vitest"
import { InvalidOption } from "../../../src/index.ts"
import { type SignInOptions, signIn } from "../../../src/keystone/index.ts"
import { failure } from "../../badServer.ts"
import { nowhere } from "./folders.ts"
import { PASSWORD } from "./identityServer.ts"

export const CATALOG = "http://127.0.0.1:8779"

export const password = { username: "alice", password: PASSWORD, projectName: "shop" }

export const signInAt = (options: SignInOptions) => signIn(options, nowhere)

export const refusedOption = async (options: SignInOptions): Promise<string> => {
  const error = await failure(signInAt(options))
  assert.instanceOf(error, InvalidOption)
  return `${error.option}: ${error.message}`
}

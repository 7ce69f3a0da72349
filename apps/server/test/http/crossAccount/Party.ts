import { isDeepStrictEqual } from "node:util"
import type { BackupRecord } from "@backup-catalog/core"
import { assert } from "vitest"
import { AccountModel, type ExpectedPage, type Place } from "./AccountModel.ts"
import type { Condition, Given, Id, Step, StepOf } from "./steps.ts"

interface Body {
  readonly backup?: BackupRecord
  readonly backups?: ReadonlyArray<BackupRecord>
  readonly instance?: object
  readonly instances?: ReadonlyArray<object>
  readonly links?: ReadonlyArray<{ readonly rel: string; readonly href: string }>
}

interface Answer {
  readonly status: number
  readonly body: Body
}

const pick = <A>(values: Iterable<A>, nth: number): A | undefined => {
  const all = [...values]
  return all[nth % all.length]
}

/** Whether a list begins where a next link led to, and so with a datastore that was there. */
const isUnderWay = (marker: StepOf<"list">["marker"]): boolean => marker !== undefined && "marker" in marker

/**
 * The owner of one of two accounts, with what it has and what the server has given to it. Every answer that it gets is
 * held against its own model, which knows nothing of the other account.
 */
export class Party {
  readonly account: string
  readonly token: string
  readonly model = new AccountModel()
  /** The statuses that came, by operation: what a run has really tried. */
  readonly came = new Set<string>()
  readonly #url: string
  /** What is in every record of this account, and in no request of the other. */
  readonly #secret: string
  /** A datastore that the other does not have. */
  readonly #datastore: string
  /** What was answered with each entity tag, and where. */
  readonly #tags = new Map<string, { readonly path: string; readonly body: Body }>()
  /** Where each marker of a next link leads. */
  readonly #markers = new Map<string, Place>()
  readonly #posted: Array<string> = []
  #other: Party = this

  constructor(url: string, colour: string, sequence: number) {
    this.#url = url
    this.account = `${colour}-${sequence}`
    this.token = `token-of-${colour}-${sequence}`
    this.#secret = `secret-of-${colour}`
    this.#datastore = `${colour}base`
  }

  /** Says who the other one is. */
  meet(other: Party): void {
    this.#other = other
  }

  get #list(): string {
    return `/v1.0/${this.account}/backups`
  }

  #pathOf(id: string): string {
    return `${this.#list}/${id}`
  }

  #whose({ whose }: Given): Party {
    return whose === "own" ? this : this.#other
  }

  #idOf(id: Id): string {
    return typeof id === "string" ? id : (pick(this.#whose(id.posted).#posted, id.posted.nth) ?? "a")
  }

  #tagOf(given: Given): string {
    return pick(this.#whose(given).#tags.keys(), given.nth) ?? '"none"'
  }

  async #ask(method: string, path: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        "X-Auth-Token": this.token,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers
      },
      ...content
    })
    const text = await response.text()
    const tag = response.headers.get("ETag")
    const what = `${method} ${path} ${JSON.stringify(headers)}: ${response.status} ${text}`
    assert.notInclude(text + JSON.stringify([...response.headers]), this.#other.#secret, what)
    const answer: Answer = { status: response.status, body: text === "" ? {} : JSON.parse(text) }
    if (tag !== null) {
      assert.isFalse(this.#other.#tags.has(tag), `${what} has an entity tag of the other account`)
      const at = method === "POST" ? this.#pathOf(answer.body.backup?.id ?? "") : path
      if (answer.status !== 304) this.#tags.set(tag, { path: at, body: answer.body })
    }
    return answer
  }

  /** Whether a tag stands for what is at a path. */
  #names(tag: string, path: string, body: object): boolean {
    const tagged = this.#tags.get(tag)
    return tagged?.path === path && isDeepStrictEqual(tagged.body, body)
  }

  /** The headers of a condition, and whether it holds of a record by the model. */
  #demand(
    condition: Condition | undefined,
    id: string
  ): readonly [Record<string, string>, (before: BackupRecord | undefined) => boolean] {
    if (condition === undefined) return [{}, () => true]
    const { header } = condition
    const tag = condition.tag === "any" ? "*" : this.#tagOf(condition.tag)
    const matches = (before: BackupRecord | undefined): boolean =>
      before !== undefined && (tag === "*" || this.#names(tag, this.#pathOf(id), { backup: before }))
    return [{ [header]: tag }, (before) => matches(before) === (header === "If-Match")]
  }

  /** Does a step, and fails when the answer is not what this account alone would get. */
  async take(step: Step): Promise<void> {
    const status = await this.#do(step)
    this.came.add(`${step.name} ${status}`)
  }

  #do(step: Step): Promise<number> {
    switch (step.name) {
      case "put":
        return this.#put(step.of)
      case "post":
        return this.#post(step.of)
      case "remove":
        return this.#remove(step.of)
      case "show":
        return this.#show(step.of)
      case "list":
        return this.#askList(step.of, step.of.tag === undefined ? undefined : this.#tagOf(step.of.tag))
      case "poll":
        return this.#poll(step.of)
      case "descendants":
        return this.#descendants(step.of)
      case "instances":
        return this.#instances(step.of)
      case "showInstance":
        return this.#showInstance(step.of)
      case "trespass":
        return this.#trespass(step.of)
      case "askForOthers":
        return this.#askForOthers(step.of)
    }
  }

  async #put(of: StepOf<"put">): Promise<number> {
    const id = this.#idOf(of.id)
    const own = of.datastore === "own"
    return await this.#write(
      {
        id,
        name: this.#secret,
        description: `kept by ${this.#secret}`,
        status: of.status,
        created: of.created,
        updated: of.created,
        size: 1,
        instance_id: of.instance,
        parent_id: of.parent === undefined ? null : this.#idOf(of.parent),
        locationRef: `https://${this.#secret}.example`,
        datastore: { type: own ? this.#datastore : "MySQL", version: this.#secret, version_id: own ? "v-1" : "v-2" }
      },
      of.condition
    )
  }

  async #write(record: BackupRecord, condition?: Condition): Promise<number> {
    const [headers, allowed] = this.#demand(condition, record.id)
    const { status, body } = await this.#ask("PUT", this.#pathOf(record.id), headers, { backup: record })
    assert.strictEqual(
      status,
      this.model.put(record, allowed),
      `PUT ${JSON.stringify(record)} ${JSON.stringify(headers)}`
    )
    if (status < 300) assert.deepStrictEqual(body.backup, record)
    return status
  }

  async #post({ version, created }: StepOf<"post">): Promise<number> {
    const restoreFrom = { remote_location: this.#secret, local_datastore_version_id: version, size: 1 }
    const { status, body } = await this.#ask(
      "POST",
      this.#list,
      {},
      {
        backup: { name: this.#secret, description: this.#secret, restore_from: restoreFrom }
      }
    )
    assert.strictEqual(status, 202)
    const { backup } = body
    assert.deepStrictEqual(backup?.datastore, this.model.datastoreOfVersion(version), "the datastore of a version")
    if (backup === undefined) return status
    this.#posted.push(backup.id)
    this.model.put(backup, () => true)
    // The answer has whole seconds: a place in the order that is known takes a time that is.
    await this.#write({ ...backup, created, updated: created })
    return status
  }

  async #remove(of: StepOf<"remove">): Promise<number> {
    const id = this.#idOf(of.id)
    const [headers, allowed] = this.#demand(of.condition, id)
    const { status } = await this.#ask("DELETE", this.#pathOf(id), headers)
    assert.strictEqual(status, this.model.remove(id, allowed), `DELETE ${id} ${JSON.stringify(headers)}`)
    return status
  }

  async #show(of: StepOf<"show">): Promise<number> {
    const path = this.#pathOf(this.#idOf(of.id))
    const tag = of.tag === undefined ? undefined : this.#tagOf(of.tag)
    const backup = this.model.get(this.#idOf(of.id))
    const { status, body } = await this.#ask("GET", path, tag === undefined ? {} : { "If-None-Match": tag })
    const known = tag !== undefined && backup !== undefined && this.#names(tag, path, { backup })
    assert.strictEqual(status, backup === undefined ? 404 : known ? 304 : 200, `GET ${path} ${tag}`)
    if (status === 200) assert.deepStrictEqual(body.backup, backup)
    return status
  }

  /** The body that a page must have; what its next link carries leads to the last of it. */
  #assertPage(path: string, body: Body, items: ReadonlyArray<object> | undefined, page: ExpectedPage<object>): void {
    assert.deepStrictEqual(items, page.items, path)
    assert.lengthOf(body.links ?? [], page.more ? 1 : 0, path)
    const [link] = body.links ?? []
    const last = body.backups?.at(-1)
    if (link === undefined) return
    assert.isTrue(link.href.startsWith(`${this.#url}${path.split("?", 1)[0]}?`), link.href)
    const marker = new URL(link.href).searchParams.get("marker") ?? ""
    if (last !== undefined) this.#markers.set(marker, last)
  }

  #knowsDatastore(type: string | undefined): boolean {
    return type === undefined || type === "mysql" || this.model.hasDatastore(type)
  }

  #placeOf(marker: StepOf<"list">["marker"]): readonly [search: string, place: Place | undefined] {
    if (marker === undefined) return ["", undefined]
    if ("id" in marker) {
      const id = this.#idOf(marker.id)
      return [`&marker=${id}`, this.model.get(id)]
    }
    const [text, place] = pick(this.#whose(marker.marker).#markers, marker.marker.nth) ?? ["none", undefined]
    return [`&marker=${text}`, place]
  }

  /** Asks for the whole list again, with the tag that the one or the other was given for theirs. */
  async #poll({ whose }: StepOf<"poll">): Promise<number> {
    const asked = this.#whose({ whose, nth: 0 })
    const [tag] = [...asked.#tags].findLast(([, { path }]) => path === `${asked.#list}?`) ?? []
    const nothing = {
      datastore: undefined,
      status: undefined,
      limit: undefined,
      instance: undefined,
      marker: undefined
    }
    return await this.#askList(nothing, tag)
  }

  async #askList(of: Omit<StepOf<"list">, "tag">, tag: string | undefined): Promise<number> {
    const datastore =
      of.datastore === undefined || of.datastore === "mysql"
        ? of.datastore
        : this.#whose({ whose: of.datastore, nth: 0 }).#datastore
    const { status: wanted, limit, instance } = of
    const filter = {
      ...(datastore === undefined ? {} : { datastore }),
      ...(wanted === undefined ? {} : { status: wanted })
    }
    const [marker, after] = this.#placeOf(of.marker)
    const search = new URLSearchParams({
      ...filter,
      ...(limit === undefined ? {} : { limit: String(limit) }),
      ...(instance?.place === "query" ? { instance_id: instance.id } : {})
    })
    const base = instance?.place === "path" ? `/v1.0/${this.account}/instances/${instance.id}/backups` : this.#list
    const path = `${base}?${search}${marker}`
    const { status, body } = await this.#ask("GET", path, tag === undefined ? {} : { "If-None-Match": tag })
    if (marker !== "" && after === undefined) {
      assert.strictEqual(status, 400, path)
      return status
    }
    const unknownDatastore = !this.#knowsDatastore(datastore) && !isUnderWay(of.marker)
    const unknownInstance = instance?.place === "path" && this.model.instance(instance.id) === undefined
    if (unknownDatastore || unknownInstance) {
      assert.strictEqual(status, 404, path)
      return status
    }
    const expected = this.model.list(
      {
        ...filter,
        ...(limit === undefined ? {} : { limit }),
        ...(instance === undefined ? {} : { instance: instance.id })
      },
      after
    )
    if (status === 304) {
      const tagged = this.#tags.get(tag ?? "")
      assert.strictEqual(tagged?.path, path, "304 for a tag that was given for something else")
      this.#assertPage(path, tagged?.body ?? {}, tagged?.body.backups, expected)
      return status
    }
    assert.strictEqual(status, 200, path)
    this.#assertPage(path, body, body.backups, expected)
    return status
  }

  async #descendants(of: StepOf<"descendants">): Promise<number> {
    const id = this.#idOf(of.id)
    const path = `${this.#pathOf(id)}/descendants?limit=${of.limit}`
    const { status, body } = await this.#ask("GET", path)
    const expected = this.model.descendants(id, of.limit)
    assert.strictEqual(status, expected === undefined ? 404 : 200, path)
    if (expected !== undefined) this.#assertPage(path, body, body.backups, expected)
    return status
  }

  async #instances({ limit }: StepOf<"instances">): Promise<number> {
    const path = `/v1.0/${this.account}/instances?limit=${limit}`
    const { status, body } = await this.#ask("GET", path)
    assert.strictEqual(status, 200, path)
    this.#assertPage(path, body, body.instances, this.model.instances(limit))
    return status
  }

  async #showInstance({ id }: StepOf<"showInstance">): Promise<number> {
    const { status, body } = await this.#ask("GET", `/v1.0/${this.account}/instances/${id}`)
    const expected = this.model.instance(id)
    assert.strictEqual(status, expected === undefined ? 404 : 200, `instance ${id}`)
    if (expected !== undefined) assert.deepStrictEqual(body.instance, expected)
    return status
  }

  /** Asks for what is the other's, with a token that is not: 403, and the same whether it is there or not. */
  async #trespass({ method, id }: StepOf<"trespass">): Promise<number> {
    const content = method === "PUT" || method === "POST" ? { backup: { name: this.#secret } } : undefined
    const base = `/v1.0/${this.#other.account}/backups`
    const paths = method === "POST" ? [base] : [`${base}/${this.#idOf(id)}`, `${base}/nothing`]
    const answers = []
    for (const path of paths) answers.push(await this.#ask(method, path, {}, content))
    for (const answer of answers) {
      assert.strictEqual(answer.status, 403)
      assert.deepStrictEqual(answer, answers[0])
    }
    return 403
  }

  async #askForOthers({ search }: StepOf<"askForOthers">): Promise<number> {
    const whole = search.endsWith("=") ? search + this.#other.account : search
    const { status } = await this.#ask("GET", `${this.#list}?${whole}`)
    assert.strictEqual(status, 403, whole)
    return status
  }

  /** Fails unless the account has exactly what its model has. */
  async assertWhole(): Promise<void> {
    const { body } = await this.#ask("GET", this.#list)
    assert.deepStrictEqual(body.backups, this.model.records)
    const found = await this.#ask("GET", `/v1.0/${this.account}/instances`)
    assert.deepStrictEqual(found.body.instances, this.model.instances().items)
  }
}

import { type AccountId, UnexpectedAnswer } from "@backup-catalog/core"
import { Effect, Either } from "effect"
import { concealed } from "../concealed.ts"
import type { InvalidOption } from "../HttpCatalogOptions.ts"
import { parseAddress } from "../parseAddress.ts"
import { secretIn } from "./Credentials.ts"
import type { Setting } from "./Setting.ts"
import type { Settings } from "./Settings.ts"
import { invalidSetting } from "./Source.ts"
import type { Endpoint, TokenAnswer } from "./TokenAnswer.ts"

const regionOf = ({ region_id, region }: Endpoint): string | undefined => region_id ?? region ?? undefined

const listed = (texts: Iterable<string>): string => [...new Set(texts)].join(", ") || "none"

/** The only address that the catalog has for what is wanted, or the setting at fault and what is wrong with it. */
const choose = (
  { wanted, authUrl }: Settings,
  catalog: TokenAnswer["token"]["catalog"] = []
): Either.Either<string, readonly [Setting, string]> => {
  const { serviceType, region } = wanted
  const all = catalog.filter(({ type }) => type === serviceType).flatMap(({ endpoints }) => endpoints)
  if (all.length === 0) {
    const types = listed(catalog.map(({ type }) => type))
    return Either.left([
      "serviceType",
      `must be one of the services that Keystone at ${authUrl} knows: ${types}; it has none of the type ${serviceType}`
    ])
  }
  const offered = all.filter((endpoint) => endpoint.interface === wanted.interface && endpoint.url !== null)
  if (offered.length === 0) {
    const interfaces = listed(all.map((endpoint) => endpoint.interface))
    return Either.left([
      "interface",
      `must be one that the service ${serviceType} has: ${interfaces}; it has no ${wanted.interface} one`
    ])
  }
  const here = region === undefined ? offered : offered.filter((endpoint) => regionOf(endpoint) === region)
  const [url, ...others] = new Set(here.flatMap((endpoint) => endpoint.url?.replace(/\/+$/, "") ?? []))
  const regions = new Set(offered.flatMap((endpoint) => regionOf(endpoint) ?? []))
  if (url === undefined) {
    return Either.left([
      "region",
      `must be one that the service ${serviceType} has: ${listed(regions)}; it is not in ${region}`
    ])
  }
  if (others.length === 0) return Either.right(url)
  return region === undefined && regions.size > 1
    ? Either.left([
        "region",
        `must be set, since the service ${serviceType} is in more than one region: ${listed(regions)}`
      ])
    : Either.left(["endpointOverride", `must be set, since the service ${serviceType} has more than one address`])
}

/** An address without the version and project at its end; undefined when it does not end so. */
const withoutProject = (base: string, account: AccountId): string | undefined => {
  const end = `/v1.0/${account}`
  return base.endsWith(end) ? base.slice(0, -end.length) : undefined
}

const fromOverride = (settings: Settings, given: string, account: AccountId): Effect.Effect<string, InvalidOption> => {
  const invalid = (predicate: string) => invalidSetting(settings.source.nameOf("endpointOverride"), predicate)
  const filled = given.replace(/[%$]\((?:project|tenant)_id\)s/g, account)
  return Either.match(parseAddress(filled), {
    onLeft: invalid,
    onRight: (base) => {
      const url = withoutProject(base, account) ?? base
      return /\/v1\.0(?:\/|$)/i.test(url)
        ? invalid(`must end with /v1.0/${account}, the project that was signed in to, or before /v1.0`)
        : Effect.succeed(url)
    }
  })
}

/**
 * The address of the catalog for a token, without `/v1.0/<project id>`: the one that is set, else the one that Keystone
 * knows.
 */
export const catalogUrl = (
  settings: Settings,
  catalog: TokenAnswer["token"]["catalog"],
  account: AccountId
): Effect.Effect<string, InvalidOption | UnexpectedAnswer> => {
  const { wanted, source, authUrl, credentials } = settings
  if (wanted.endpointOverride !== undefined) return fromOverride(settings, wanted.endpointOverride, account)
  const show = (text: string) => concealed(text, [secretIn(credentials)])
  const chosen = choose(settings, catalog)
  if (Either.isLeft(chosen)) {
    const [setting, predicate] = chosen.left
    return invalidSetting(source.nameOf(setting), show(predicate))
  }
  // Of an address that is refused nothing is quoted: there may be a password in it.
  const url = Either.flatMap(parseAddress(chosen.right), (base) =>
    Either.fromNullable(withoutProject(base, account), () => `must end with /v1.0/${account}, but is ${base}`)
  )
  return Either.mapLeft(
    url,
    (predicate) =>
      new UnexpectedAnswer({
        code: 201,
        message: show(
          `Keystone at ${authUrl} knows an address of the service ${wanted.serviceType} that cannot be used: it ` +
            `${predicate}; correct it there, or set ${source.nameOf("endpointOverride").words}.`
        )
      })
  )
}

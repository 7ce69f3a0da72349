/** The settings of a sign-in, by the names that they have as options. */
export const settings = [
  "authUrl",
  "authType",
  "identityApiVersion",
  "username",
  "userId",
  "password",
  "userDomainName",
  "userDomainId",
  "projectName",
  "projectId",
  "projectDomainName",
  "projectDomainId",
  "defaultDomainName",
  "defaultDomainId",
  "applicationCredentialId",
  "applicationCredentialName",
  "applicationCredentialSecret",
  "token",
  "region",
  "interface",
  "serviceType",
  "endpointOverride",
  "cacert"
] as const

/** One of the settings. */
export type Setting = (typeof settings)[number]

const snake = (setting: Setting): string => setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

// Names that do not follow from that of the setting, the one that counts first in front. A domain without a further
// word was once the domain of user and project alike.
const otherKeys: Readonly<Partial<Record<Setting, ReadonlyArray<string>>>> = {
  projectName: ["project_name", "tenant_name"],
  projectId: ["project_id", "tenant_id"],
  defaultDomainName: ["default_domain_name", "domain_name"],
  defaultDomainId: ["default_domain_id", "default_domain", "domain_id"],
  token: ["token", "auth_token"],
  region: ["region_name"],
  interface: ["interface", "endpoint_type"],
  serviceType: ["database_service_type"],
  endpointOverride: ["database_endpoint_override"]
}

/** The keys that a setting has in clouds.yaml, the one that counts first in front. */
export const keysOf = (setting: Setting): readonly [string, ...ReadonlyArray<string>] => {
  const [first = snake(setting), ...others] = otherKeys[setting] ?? []
  return [first, ...others]
}

/** The variables that a setting has in the environment, the one that counts first in front. */
export const variablesOf = (setting: Setting): readonly [string, ...ReadonlyArray<string>] => {
  const [first, ...others] = keysOf(setting)
  const variable = (key: string) => `OS_${key.toUpperCase()}`
  return [variable(first), ...others.map(variable)]
}

// What says where the identity service is and who signs in stands under `auth` in clouds.yaml, the rest beside it.
const besideAuth: ReadonlySet<Setting> = new Set([
  "authType",
  "identityApiVersion",
  "region",
  "interface",
  "serviceType",
  "endpointOverride",
  "cacert"
])

/** Whether a setting belongs under `auth` in clouds.yaml. */
export const isUnderAuth = (setting: Setting): boolean => !besideAuth.has(setting)

export { layer } from "./HttpCatalog.ts"
export { type HttpCatalogOptions, InvalidOption, type Token } from "./HttpCatalogOptions.ts"

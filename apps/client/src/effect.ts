export { type HttpServices, layer } from "./HttpCatalog.ts"
export { type HttpCatalogOptions, InvalidOption, type Token } from "./HttpCatalogOptions.ts"
export { HttpImports, type ImportBody, type ImportOptions, runImport } from "./HttpImports.ts"
export { ndjson } from "./ndjson.ts"

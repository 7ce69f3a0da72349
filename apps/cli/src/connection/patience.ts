/** How long a person waits: shorter than a service would. */
export const patience = { timeout: "20 seconds", retries: 2 } as const

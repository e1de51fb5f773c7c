/** Where the API has a migration. */
export const migrationPath = (id: string): string => `/v1/migrations/${encodeURIComponent(id)}`

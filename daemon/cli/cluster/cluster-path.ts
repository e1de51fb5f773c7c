/** Where the API has a cluster. */
export const clusterPath = (name: string): string => `/v1/clusters/${encodeURIComponent(name)}`

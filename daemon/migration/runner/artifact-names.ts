/** Under which name a migration keeps the file that a node had before: nothing is overwritten without. */
export const beforeName = (node: string, file = 'CTLFile.tlv'): string => `before/${node}/${file}`
/** What lay where a file is written to, which may be something else than the node serves. */
export const targetName = (node: string, file = 'CTLFile.tlv'): string => `target/${node}/${file}`

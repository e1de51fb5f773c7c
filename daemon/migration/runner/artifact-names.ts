/** Under which name a migration keeps the file that a node had before: nothing is overwritten without. */
export const beforeName = (node: string, file = 'CTLFile.tlv'): string => `before/${node}/${file}`

/**
 * A name as clients of TFTP and of port 6970 ask it, without the slash that some put before it; undefined for what
 * points out of the folder or is no name of a file.
 */
export function servedName(asked: string): string | undefined {
  const name = asked.replace(/^\/+/, '')
  const isName = name !== '' && name.length <= 255 && !/[\\\p{Cc}\uFFFD]/u.test(name)
  const staysInside = name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  return isName && staysInside ? name : undefined
}

import type { ClusterAnswer } from '../answers.js'

/** How a file gets onto a node. */
export function targetText(target: ClusterAnswer['nodes'][number]['publishing']): string {
  if (target === undefined) return 'nothing: the settings name no publishing target'
  switch (target.to) {
    case 'directory':
      return `folder ${target.folder}`
    case 'sftp':
      return `SFTP ${target.user}@${target.host}:${target.port}, folder ${target.folder}`
    case 'guided':
      return `by a person, at ${target.url}`
  }
}

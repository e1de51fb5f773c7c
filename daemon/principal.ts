/** Who asks: every use case takes one, together with the id of the request. */
export type Scope = 'read' | 'sign' | 'operate' | 'admin'

export interface Principal {
  readonly keyId: string
  readonly name: string
  readonly scopes: readonly Scope[]
}

export interface Caller {
  readonly principal: Principal
  readonly requestId: string
  /** Whether nobody will read the answer any more. */
  readonly hasLeft?: () => boolean
}

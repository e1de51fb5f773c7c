/**
 * A child process that initialises SoftHSM's blank token and writes key and certificate onto it. A
 * process of its own, because SoftHSM reads SOFTHSM2_CONF once per process and because whoever makes
 * tokens should not have a PKCS#11 library loaded.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import * as graphene from 'graphene-pk11'
import type { TokenRecipe, WriterAnswer } from './token-recipe.js'

/** CKF_OS_LOCKING_OK */
const OS_LOCKING_OK = 2
/** OID 1.2.840.10045.3.1.7 as DER. */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex')

function writeToken(recipe: TokenRecipe): string {
  const module = graphene.Module.load(recipe.library)
  module.initialize({ flags: OS_LOCKING_OK })
  const slot = blankSlot(module)
  // Not `slot.initToken`: it trips over the answer of C_InitToken. PKCS#11 v2.40 §5.5: 32 bytes, blanks.
  module.lib.C_InitToken(slot.handle, recipe.soPin, recipe.label.padEnd(32))
  const session = slot.open(graphene.SessionFlag.SERIAL_SESSION | graphene.SessionFlag.RW_SESSION)
  session.login(recipe.soPin, graphene.UserType.SO)
  session.initPin(recipe.pin)
  session.logout()
  session.login(recipe.pin, graphene.UserType.USER)
  if (!recipe.empty) writeCertificate(session, recipe)
  if (recipe.privateKey !== undefined) writePrivateKey(session, recipe, Buffer.from(recipe.privateKey))
  session.logout()
  return slot.getToken().serialNumber
}

function blankSlot(module: graphene.Module): graphene.Slot {
  const slots = module.getSlots(true)
  for (let index = 0; index < slots.length; index++) {
    const slot = slots.items(index)
    if ((slot.getToken().flags & graphene.TokenFlag.TOKEN_INITIALIZED) === 0) return slot
  }
  throw new Error('SoftHSM offers no blank token.')
}

function writeCertificate(session: graphene.Session, recipe: TokenRecipe): void {
  session.create({
    class: graphene.ObjectClass.CERTIFICATE,
    certType: graphene.CertificateType.X_509,
    token: true,
    private: false,
    id: Buffer.from(recipe.keyId, 'hex'),
    label: recipe.label,
    subject: Buffer.from(recipe.subject),
    issuer: Buffer.from(recipe.issuer),
    serial: Buffer.from(recipe.serial),
    value: Buffer.from(recipe.certificate),
  })
}

function writePrivateKey(session: graphene.Session, recipe: TokenRecipe, pkcs8: Buffer): void {
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  session.create({
    class: graphene.ObjectClass.PRIVATE_KEY,
    token: true,
    private: true,
    sensitive: true,
    extractable: false,
    sign: recipe.maySign,
    alwaysAuth: recipe.alwaysAsks,
    id: Buffer.from(recipe.keyId, 'hex'),
    label: recipe.label,
    ...keyMaterial(key),
  })
}

function keyMaterial(key: KeyObject): graphene.ITemplate {
  const jwk = key.export({ format: 'jwk' })
  const bytes = (value: string | undefined) => Buffer.from(value ?? '', 'base64url')
  if (key.asymmetricKeyType === 'ec') {
    return { keyType: graphene.KeyType.ECDSA, paramsECDSA: P256, value: bytes(jwk.d) }
  }
  return {
    keyType: graphene.KeyType.RSA,
    modulus: bytes(jwk.n),
    publicExponent: bytes(jwk.e),
    privateExponent: bytes(jwk.d),
    prime1: bytes(jwk.p),
    prime2: bytes(jwk.q),
    exp1: bytes(jwk.dp),
    exp2: bytes(jwk.dq),
    coefficient: bytes(jwk.qi),
  }
}

function attempt(recipe: TokenRecipe): WriterAnswer {
  try {
    return { serial: writeToken(recipe) }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : 'SoftHSM refused the token.' }
  }
}

process.once('message', (recipe: TokenRecipe) => {
  process.send?.(attempt(recipe), () => process.disconnect())
})

/** What CUCM answers, written down from Cisco's schema and published transcripts. */
export const envelope = (inside: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${inside}</soapenv:Body></soapenv:Envelope>`

export const answer = (operation: string, returned: string, version = '10.5'): string =>
  envelope(
    `<ns:${operation}Response xmlns:ns="http://www.cisco.com/AXL/API/${version}"><return>${returned}</return></ns:${operation}Response>`,
  )

export const rows = (...all: Readonly<Record<string, string | number>>[]): string =>
  answer(
    'executeSQLQuery',
    all
      .map((row) =>
        Object.entries(row)
          .map(([name, value]) => `<${name}>${value}</${name}>`)
          .join(''),
      )
      .map((row) => `<row>${row}</row>`)
      .join(''),
  )

export const ccmVersion = answer(
  'getCCMVersion',
  '<componentVersion><version>10.5.2.10000-5</version></componentVersion>',
)

export const processNodes = answer(
  'listProcessNode',
  [
    ['EnterpriseWideData', 'Subscriber'],
    ['cucm-pub', 'Publisher'],
    ['10.48.47.154', 'Subscriber'],
  ]
    .map(
      ([name, usage]) =>
        `<processNode uuid="{1}"><name>${name}</name><nodeUsage>${usage}</nodeUsage></processNode>`,
    )
    .join(''),
)

export const fault = (words: string, code: string): string =>
  envelope(
    `<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>${words}</faultstring><detail><axlError><axlcode>${code}</axlcode><axlmessage>${words}</axlmessage><request>executeSQLQuery</request></axlError></detail></soapenv:Fault>`,
  )

/** Tomcat's page for a version that AXL does not take. */
export const versionRefusal = (versions: string): string =>
  `<!-- custom Cisco error page --><html><body><div>HTTP Status 599 - Incorrect axl version. Supported axl versions are ${versions}</div></body></html>`

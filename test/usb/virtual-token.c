/*
 * A USB token for machines without one: a CCID device (USB CCID rev. 1.1) made with FunctionFS, with a CAC card of
 * libcacard inside, whose keys lie in an NSS database. libcacard counts no PIN tries, so this file does.
 *
 *   virtual-token FUNCTIONFS SERIAL NSS_DATABASE CERTIFICATE...
 *
 * SERIAL is 16 hex digits; every card of libcacard has the same one.
 *
 * Says "ready" when the device may be connected. It lives through unplugging, as a token's memory does: tries that
 * were spent stay spent.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libcacard.h>
#include <linux/usb/functionfs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIN_TRIES = 3, HEADER = 10, MESSAGE = 4096, SERIAL = 8 };

/* CCID 5.1: one slot, T=0 and T=1, short APDUs handled as a whole. Little-endian, as the x86 that this runs on. */
struct ccid_class {
  uint8_t length, type;
  uint16_t release;
  uint8_t last_slot, voltages;
  uint32_t protocols, clock, clock_max;
  uint8_t clocks;
  uint32_t rate, rate_max;
  uint8_t rates;
  uint32_t ifsd, synchronous, mechanical, features, longest_message;
  uint8_t class_get_response, class_envelope;
  uint16_t display;
  uint8_t pin_pad, busy_slots;
} __attribute__((packed));

struct function {
  struct usb_interface_descriptor interface;
  struct ccid_class ccid;
  struct usb_endpoint_descriptor_no_audio in, out;
} __attribute__((packed));

#define ENDPOINT(address, size) \
  { .bLength = 7, .bDescriptorType = USB_DT_ENDPOINT, .bEndpointAddress = address, \
    .bmAttributes = USB_ENDPOINT_XFER_BULK, .wMaxPacketSize = size }
#define FUNCTION(size) \
  { .interface = { .bLength = 9, .bDescriptorType = USB_DT_INTERFACE, .bNumEndpoints = 2, \
                   .bInterfaceClass = 0x0b /* smart card */ }, \
    .ccid = { .length = 54, .type = 0x21, .release = 0x0110, .voltages = 7, .protocols = 3, \
              .clock = 4000, .clock_max = 4000, .rate = 10752, \
              .rate_max = 10752, .ifsd = 254, .features = 0x000200ba, \
              .longest_message = 271, .class_get_response = 0xff, .class_envelope = 0xff, \
              .busy_slots = 1 }, \
    .in = ENDPOINT(0x81, size), .out = ENDPOINT(0x02, size) }

static const struct {
  struct usb_functionfs_descs_head_v2 head;
  uint32_t full_count, high_count;
  struct function full, high;
} __attribute__((packed)) descriptors = {
  .head = { .magic = FUNCTIONFS_DESCRIPTORS_MAGIC_V2, .length = sizeof descriptors,
            .flags = FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC },
  .full_count = 4, .high_count = 4, .full = FUNCTION(64), .high = FUNCTION(512),
};
static const struct usb_functionfs_strings_head no_strings = { .magic = FUNCTIONFS_STRINGS_MAGIC,
                                                               .length = sizeof no_strings };

static VReader *reader;
static const uint8_t built_in_serial[SERIAL] = { 0x00, 0x00, 0x58, 0xbd, 0x00, 0x2c, 0x19, 0xb5 };
static uint8_t serial[SERIAL];
static int powered, tries_left = PIN_TRIES;
/* Rises with every plugging: an answer that took longer than the cable was in must not meet the next host. */
static atomic_int connection;

static void *serve_control(void *context) {
  int control = *(int *)context;
  struct usb_functionfs_event event;
  while (read(control, &event, sizeof event) > 0) {
    if (event.type == FUNCTIONFS_ENABLE || event.type == FUNCTIONFS_DISABLE) atomic_fetch_add(&connection, 1);
    if (event.type != FUNCTIONFS_SETUP) continue;
    /* No class request is supported; the wrong direction makes FunctionFS stall it. */
    if (event.u.setup.bRequestType & USB_DIR_IN) (void)!read(control, NULL, 0);
    else (void)!write(control, NULL, 0);
  }
  return NULL;
}

static VReader *insert_card(const char *database, char **certificates, int count) {
  char options[2048];
  int length = snprintf(options, sizeof options, "db=\"%s\" use_hw=no soft=(,token,CAC,", database);
  for (int i = 0; i < count; i++)
    length += snprintf(options + length, sizeof options - length, ",%s", certificates[i]);
  snprintf(options + length, sizeof options - length, ")");
  VCardEmulOptions *parsed = vcard_emul_options(options);
  if (!parsed || vcard_emul_init(parsed) != VCARD_EMUL_OK) return NULL;
  VReaderList *list = vreader_get_reader_list();
  for (VReaderListEntry *entry = list ? vreader_list_get_first(list) : NULL; entry; entry = vreader_list_get_next(entry))
    if (vreader_card_is_present(vreader_list_get_reader(entry)) == VREADER_OK) return vreader_list_get_reader(entry);
  return NULL;
}

static int status_words(uint8_t *answer, uint16_t words) {
  answer[0] = words >> 8;
  answer[1] = words & 0xff;
  return 2;
}

/* ISO 7816-4 7.5.6: 63CX tells the tries that are left, 6983 that there are none. */
static int pin_status(uint8_t *answer) { return status_words(answer, tries_left ? 0x63c0 | tries_left : 0x6983); }

static void put_serial(uint8_t *answer, int length) {
  uint8_t *found = memmem(answer, length, built_in_serial, SERIAL);
  if (found) memcpy(found, serial, SERIAL);
}

/* Gives the length of the answer, status words included. */
static int run_apdu(uint8_t *apdu, int length, uint8_t *answer) {
  int verify = length >= 4 && apdu[1] == 0x20, with_pin = length > 5, answered = MESSAGE;
  if (verify && (!with_pin || tries_left == 0)) return pin_status(answer);
  if (vreader_xfr_bytes(reader, apdu, length, answer, &answered) != VREADER_OK) return status_words(answer, 0x6f00);
  put_serial(answer, answered);
  if (!verify) return answered;
  if (answer[0] == 0x90) {
    tries_left = PIN_TRIES;
    return answered;
  }
  tries_left--;
  return pin_status(answer);
}

/* CCID 6.1 and 6.2; gives the length of the answer. */
static int run_command(uint8_t *command, int length, uint8_t *answer) {
  int data = 0;
  memset(answer, 0, HEADER);
  answer[0] = 0x81; /* slot status */
  switch (command[0]) {
  case 0x62: /* power on: the answer is the ATR */
    answer[0] = 0x80;
    data = 64;
    vreader_power_on(reader, answer + HEADER, &data);
    powered = 1;
    break;
  case 0x63: /* power off */
    vreader_power_off(reader);
    powered = 0;
    break;
  case 0x65: /* slot status */
    break;
  case 0x61: case 0x6c: case 0x6d: /* parameters of T=0 */
    answer[0] = 0x82;
    data = 5;
    memcpy(answer + HEADER, "\x11\x00\x00\x0a\x00", 5);
    break;
  case 0x6f: /* APDU */
    answer[0] = 0x80;
    data = run_apdu(command + HEADER, length - HEADER, answer + HEADER);
    break;
  default:
    answer[7] = 0x40; /* failed: command not supported */
  }
  answer[1] = data & 0xff;
  answer[2] = data >> 8;
  answer[5] = command[5];
  answer[6] = command[6];
  answer[7] |= powered ? 0 : 1;
  return HEADER + data;
}

static int open_endpoint(const char *folder, const char *name) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return open(path, O_RDWR);
}

static void serve(int in, int out) {
  static uint8_t command[MESSAGE], answer[MESSAGE + HEADER];
  int served = -1;
  for (;;) {
    ssize_t length = read(out, command, sizeof command);
    int now = atomic_load(&connection);
    if (length < HEADER) {
      usleep(20000); /* unplugged */
      continue;
    }
    if (now != served) {
      vreader_power_off(reader);
      powered = 0;
      served = now;
    }
    int answered = run_command(command, length, answer);
    if (atomic_load(&connection) == now) (void)!write(in, answer, answered);
  }
}

int main(int count, char **arguments) {
  if (count < 5) return 2;
  for (int i = 0; i < SERIAL; i++)
    if (sscanf(arguments[2] + 2 * i, "%2hhx", &serial[i]) != 1) return 2;
  reader = insert_card(arguments[3], arguments + 4, count - 4);
  if (!reader) {
    fprintf(stderr, "no card: is the database right?\n");
    return 1;
  }
  int control = open_endpoint(arguments[1], "ep0");
  if (control < 0 || write(control, &descriptors, sizeof descriptors) < 0 ||
      write(control, &no_strings, sizeof no_strings) < 0) {
    perror("ep0");
    return 1;
  }
  int in = open_endpoint(arguments[1], "ep1"), out = open_endpoint(arguments[1], "ep2");
  if (in < 0 || out < 0) {
    perror("endpoints");
    return 1;
  }
  pthread_t thread;
  pthread_create(&thread, NULL, serve_control, &control);
  printf("ready\n");
  fflush(stdout);
  serve(in, out);
}

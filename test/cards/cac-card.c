#define _GNU_SOURCE
#include "cac-card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The few functions of libcacard are declared here: its own headers want those of GLib. */
typedef struct VReaderStruct VReader;
typedef struct VReaderListStruct VReaderList;
typedef struct VReaderListEntryStruct VReaderListEntry;
typedef struct VCardEmulOptionsStruct VCardEmulOptions;

/* 0 is success for all of them. */
int vcard_emul_init(const VCardEmulOptions *options);
int vreader_card_is_present(VReader *reader);
int vreader_power_on(VReader *reader, unsigned char *atr, int *length);
int vreader_power_off(VReader *reader);
int vreader_xfr_bytes(VReader *reader, unsigned char *sent, int sent_length, unsigned char *answer, int *length);

VCardEmulOptions *vcard_emul_options(const char *text);
VReaderList *vreader_get_reader_list(void);
VReaderListEntry *vreader_list_get_first(VReaderList *list);
VReaderListEntry *vreader_list_get_next(VReaderListEntry *entry);
VReader *vreader_list_get_reader(VReaderListEntry *entry);

/* Instructions of ISO 7816-4 and of the CAC card. */
enum { INS_VERIFY = 0x20, INS_CAC_SIGN_DECRYPT = 0x42 };

enum { MOST_TRIES = 3, SERIAL = 8 };

/* libcacard gives all its cards one identifier, and OpenSC makes the serial number of it. */
static const uint8_t built_in_serial[SERIAL] = {0x00, 0x00, 0x58, 0xbd, 0x00, 0x2c, 0x19, 0xb5};

static const char *folder;
static VReader *reader;
static uint8_t serial[SERIAL];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static const char *in_folder(const char *name) {
  static char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static int tries_used(void) {
  int tries = 0;
  FILE *file = fopen(in_folder("tries"), "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%d", &tries) != 1) tries = 0;
  fclose(file);
  return tries;
}

static void put(const char *name, const char *mode, int value) {
  FILE *file = fopen(in_folder(name), mode);
  if (file == NULL) fail(name);
  fprintf(file, "%d", value);
  fclose(file);
}

static void read_serial(void) {
  memcpy(serial, built_in_serial, SERIAL);
  FILE *file = fopen(in_folder("serial"), "r");
  if (file == NULL) return;
  for (int i = 0; i < SERIAL; i++)
    if (fscanf(file, "%2hhx", &serial[i]) != 1) fail("serial");
  fclose(file);
}

void make_card(const char *database, const char *memory, char **certificates, int count) {
  char text[2048];
  int length = snprintf(text, sizeof text, "db=\"%s\" use_hw=no soft=(,virtual,CAC,", database);
  for (int i = 0; i < count; i++) length += snprintf(text + length, sizeof text - length, ",%s", certificates[i]);
  snprintf(text + length, sizeof text - length, ")");
  folder = memory;
  read_serial();
  VCardEmulOptions *options = vcard_emul_options(text);
  if (options == NULL || vcard_emul_init(options) != 0) fail(text);
  VReaderList *list = vreader_get_reader_list();
  VReaderListEntry *entry = list ? vreader_list_get_first(list) : NULL;
  for (; entry != NULL && reader == NULL; entry = vreader_list_get_next(entry)) {
    VReader *found = vreader_list_get_reader(entry);
    if (vreader_card_is_present(found) == 0) reader = found;
  }
  if (reader == NULL) fail("no card: is the database right?");
}

int power_card_on(uint8_t *atr) {
  int length = MOST_ATR_BYTES;
  vreader_power_on(reader, atr, &length);
  return length;
}

void power_card_off(void) { vreader_power_off(reader); }

static int status_words(uint8_t *answer, int words) {
  answer[0] = (uint8_t)(words >> 8);
  answer[1] = (uint8_t)words;
  return 2;
}

/* ISO 7816-4 7.5.6: 63CX tells the tries that are left, 6983 that there are none. */
static int pin_status(uint8_t *answer) {
  int left = MOST_TRIES - tries_used();
  return status_words(answer, left > 0 ? 0x63c0 | left : 0x6983);
}

/* libcacard checks a PIN and counts nothing. */
static int verify(uint8_t *command, int length, uint8_t *answer) {
  int carries_pin = length > 5, got = MOST_CARD_BYTES;
  if (!carries_pin) return pin_status(answer);
  put("verifies", "a", 1);
  if (tries_used() >= MOST_TRIES) return pin_status(answer);
  if (vreader_xfr_bytes(reader, command, length, answer, &got) == 0 && got == 2 && answer[0] == 0x90) {
    put("tries", "w", 0);
    return got;
  }
  put("tries", "w", tries_used() + 1);
  return pin_status(answer);
}

int ask_card(uint8_t *command, int length, uint8_t *answer) {
  int got = MOST_CARD_BYTES, instruction = length >= 4 ? command[1] : -1;
  if (instruction == INS_VERIFY) return verify(command, length, answer);
  if (instruction == INS_CAC_SIGN_DECRYPT && access(in_folder("leave"), F_OK) == 0) exit(0);
  if (vreader_xfr_bytes(reader, command, length, answer, &got) != 0) return status_words(answer, 0x6f00);
  uint8_t *found = memmem(answer, (size_t)got, built_in_serial, SERIAL);
  if (found != NULL) memcpy(found, serial, SERIAL);
  return got;
}

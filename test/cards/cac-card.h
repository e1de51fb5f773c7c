/*
 * A CAC card of libcacard with a PIN counter and a memory, for whatever reader it is put in: vpcd's
 * (virtual-card.c) or a USB token's own (test/usb/virtual-token.c). Its keys lie in an NSS database. Its memory is a
 * folder that is kept when the card is pulled out:
 *   serial    16 hex digits; without it every card has the same serial number
 *   tries     wrong PINs so far
 *   verifies  a byte per VERIFY that carried a PIN
 *   leave     while this file exists, the process ends in the middle of the first signature
 */
#ifndef CAC_CARD_H
#define CAC_CARD_H

#include <stddef.h>
#include <stdint.h>

#define MOST_CARD_BYTES 65535
#define MOST_ATR_BYTES 64

/* Ends the process with a word about it when there is no such card. */
void make_card(const char *database, const char *memory, char **certificates, int count);

/* Gives the length of the ATR. */
int power_card_on(uint8_t *atr);
void power_card_off(void);

/* Gives the length of the answer, status words included; there is room for MOST_CARD_BYTES. */
int ask_card(uint8_t *command, int length, uint8_t *answer);

#endif

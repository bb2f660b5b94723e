/*
 * One libcurl easy option with its value. Within transfer/ only.
 */
#ifndef TRANSFER_SETTING_H
#define TRANSFER_SETTING_H

#include <curl/curl.h>

struct setting {
	CURLoption id;
	curl_easytype type;
	union {
		long number;       /* CURLOT_LONG, CURLOT_VALUES */
		curl_off_t offset; /* CURLOT_OFF_T */
		char *text;        /* CURLOT_STRING, owned */
		struct curl_slist
			*list; /* CURLOT_SLIST, owned; stays as long as easy handles use it */
	} value;
};

CURLcode setting_apply(const struct setting *s, CURL *easy);

#endif

#include "base/versions.h"

#include <cjson/cJSON.h>
#include <stdio.h>

char *base_version(char *text, size_t size)
{
	snprintf(text, size, "cJSON %s", cJSON_Version());
	return text;
}

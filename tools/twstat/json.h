/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON, by json-c. */
#ifndef TWSTAT_JSON_H
#define TWSTAT_JSON_H

#include <stdbool.h>

#include <json-c/json.h>
#include <linux/types.h>

#include "twstat.h"

/* A parent owns its children; the root is for json_print() to free. */
struct json_object *json_root(void);
struct json_object *json_root_array(void);
struct json_object *json_child(struct json_object *parent, const char *name);
struct json_object *json_child_array(struct json_object *parent,
				     const char *name);
struct json_object *json_item(struct json_object *array);

void json_number(struct json_object *parent, const char *name, __u64 number);
void json_fraction(struct json_object *parent, const char *name, double number);
void json_text(struct json_object *parent, const char *name, const char *text);
void json_boolean(struct json_object *parent, const char *name, bool truth);
void json_null(struct json_object *parent, const char *name);
void json_key(struct json_object *parent, const struct table_row *row);

void json_print(struct json_object *root, const struct request *request);

#endif /* TWSTAT_JSON_H */

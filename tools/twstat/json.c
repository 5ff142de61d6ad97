// SPDX-License-Identifier: GPL-2.0-only
/* What json-c does, but that it ends the program when there is no memory. */
#include <error.h>
#include <stdio.h>

#include "json.h"

static struct json_object *must(struct json_object *object)
{
	if (!object)
		error(EXIT_NOTHING, 0, "out of memory");
	return object;
}

static void add(struct json_object *parent, const char *name,
		struct json_object *child)
{
	if (json_object_object_add(parent, name, child))
		error(EXIT_NOTHING, 0, "out of memory");
}

/* Returns: an object without a parent. */
struct json_object *json_root(void)
{
	return must(json_object_new_object());
}

/* Returns: an array without a parent. */
struct json_object *json_root_array(void)
{
	return must(json_object_new_array());
}

/* Returns: an object, in another one. */
struct json_object *json_child(struct json_object *parent, const char *name)
{
	struct json_object *child = json_root();

	add(parent, name, child);
	return child;
}

/* Returns: an array, in an object. */
struct json_object *json_child_array(struct json_object *parent,
				     const char *name)
{
	struct json_object *child = json_root_array();

	add(parent, name, child);
	return child;
}

/* Returns: an object, the next in an array. */
struct json_object *json_item(struct json_object *array)
{
	struct json_object *item = json_root();

	if (json_object_array_add(array, item))
		error(EXIT_NOTHING, 0, "out of memory");
	return item;
}

void json_number(struct json_object *parent, const char *name, __u64 number)
{
	add(parent, name, must(json_object_new_uint64(number)));
}

/* Three digits behind the point. */
void json_fraction(struct json_object *parent, const char *name, double number)
{
	char text[64];

	snprintf(text, sizeof(text), "%.3f", number);
	add(parent, name, must(json_object_new_double_s(number, text)));
}

void json_text(struct json_object *parent, const char *name, const char *text)
{
	add(parent, name, must(json_object_new_string(text)));
}

void json_boolean(struct json_object *parent, const char *name, bool truth)
{
	add(parent, name, must(json_object_new_boolean(truth)));
}

void json_null(struct json_object *parent, const char *name)
{
	add(parent, name, NULL);
}

/* The role and the port, under the names that the files have for them. */
void json_key(struct json_object *parent, const struct table_row *row)
{
	json_text(parent, TW_KEY_ROLE, role_name[row->role]);
	json_number(parent, TW_KEY_PORT, row->port);
}

/**
 * json_print() - print an object or array, and free it
 * @root: which
 * @request: pretty or not
 */
void json_print(struct json_object *root, const struct request *request)
{
	const int flags = request->pretty ? JSON_C_TO_STRING_PRETTY |
						    JSON_C_TO_STRING_SPACED :
					    JSON_C_TO_STRING_PLAIN;
	const char *text = json_object_to_json_string_ext(root, flags);

	if (!text)
		error(EXIT_NOTHING, 0, "out of memory");
	puts(text);
	json_object_put(root);
}

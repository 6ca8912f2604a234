/* Settings as JSON: what the control paths read and change. */
/* SPDX-License-Identifier: MIT */
#include "config/settings.h"
#include "base/number.h"

/* JSON keys are the option names with underscores. */
static const struct em_option *find_setting(const char *key)
{
  char name[40];
  size_t i;
  const struct em_option *option;
  snprintf(name, sizeof(name), "%s", key);
  for(i = 0; name[i]; i++)
    if(name[i] == '_')
      name[i] = '-';
  option = em_option_find(name, strlen(name));
  return option && option->is_setting ? option : NULL;
}

static int read_value(const struct em_option *option, json_t *value,
                      int64_t *out)
{
  if(option->kind == EM_OPTION_FLAG) {
    if(!json_is_boolean(value))
      return -1;
    *out = json_is_true(value) ? option->low : !option->low;
    return 0;
  }
  if(json_is_string(value)) {
    if(em_number_parse(json_string_value(value), out))
      return -1;
  } else if(json_is_integer(value))
    *out = json_integer_value(value);
  else
    return -1;
  return em_option_allows(option, *out) ? 0 : -1;
}

int em_settings_set(struct em_settings *settings, json_t *object,
                    char *reason, size_t size)
{
  struct em_options options;
  const char *key;
  json_t *value;
  em_options_set_defaults(&options);
  options.settings = *settings;
  if(!json_is_object(object)) {
    snprintf(reason, size, "an object is wanted");
    return -1;
  }
  json_object_foreach(object, key, value)
  {
    const struct em_option *option = find_setting(key);
    int64_t number;
    if(!option || read_value(option, value, &number)) {
      snprintf(reason, size, "%s: %s", key,
               option ? "not a possible value" : "unknown option");
      return -1;
    }
    em_option_set(&options, option, number);
  }
  *settings = options.settings;
  return 0;
}

static void add_setting(json_t *object, const struct em_option *option,
                        int64_t number)
{
  char key[40];
  size_t i;
  snprintf(key, sizeof(key), "%s", option->name);
  for(i = 0; key[i]; i++)
    if(key[i] == '-')
      key[i] = '_';
  json_object_set_new(object, key,
                      option->kind == EM_OPTION_FLAG
                          ? json_boolean(number == option->low)
                          : json_integer(number));
}

json_t *em_settings_json(const struct em_settings *settings)
{
  json_t *object = json_object();
  struct em_options options;
  size_t i;
  memset(&options, 0, sizeof(options));
  options.settings = *settings;
  for(i = 0; i < em_option_count; i++) {
    const struct em_option *option = &em_option_table[i];
    if(option->is_setting)
      add_setting(object, option, em_option_get(&options, option));
  }
  return object;
}

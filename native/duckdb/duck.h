/* What of DuckDB's C extension interface (v1.2.0) the extension uses. DuckDB hands an extension a table of function
 * pointers whose order never changes; here each function is its place in that table and its type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OV_DUCK_H
#define OV_DUCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUCK_API_VERSION "v1.2.0"

/* Handles that only DuckDB looks into. */
typedef void *duck_connection;
typedef void *duck_type;
typedef void *duck_value;
typedef void *duck_function; /* a table function being made */
typedef void *duck_bind;
typedef void *duck_init;
typedef void *duck_call;
typedef void *duck_chunk;
typedef void *duck_vector;
typedef void *duck_extension;
typedef void (*duck_destroy)(void *);

/* What is given to the extension's entry. */
typedef struct duck_access {
    void (*fail)(duck_extension, const char *text);
    void *(*database)(duck_extension); /* points at a handle */
    const void *(*api)(duck_extension, const char *version);
} duck_access;

enum {
    DUCK_BOOLEAN = 1,
    DUCK_INTEGER = 4,
    DUCK_BIGINT = 5,
    DUCK_FLOAT = 10,
    DUCK_DOUBLE = 11,
    DUCK_VARCHAR = 17,
    DUCK_BLOB = 18,
    DUCK_ANY = 34
};

/* A text in a vector: up to 12 bytes inside (zeros behind them), longer ones by their first four and where they are. */
typedef struct duck_string {
    uint32_t length;
    char prefix[4];
    union {
        const char *data;
        char rest[8];
    } at;
} duck_string;
#define DUCK_INLINE 12

typedef struct duck_list {
    uint64_t offset, length;
} duck_list;

typedef struct duck_blob {
    void *data;
    uint64_t size;
} duck_blob;

/* Entries of the table that are kept, copied when the extension is loaded. */
#define DUCK_ENTRIES 280
typedef void (*duck_entry)(void);
extern duck_entry ov_duck_api[DUCK_ENTRIES];

#define DUCK(at, result, name, parameters, arguments)                                                                  \
    static inline result name parameters { return ((result(*) parameters)ov_duck_api[at])arguments; }
#define DUCK_VOID(at, name, parameters, arguments)                                                                     \
    static inline void name parameters { ((void(*) parameters)ov_duck_api[at]) arguments; }

DUCK(3, int, duck_connect, (void *database, duck_connection *out), (database, out))
DUCK_VOID(6, duck_disconnect, (duck_connection * connection), (connection))
DUCK_VOID(25, duck_free, (void *memory), (memory))
DUCK(26, uint64_t, duck_vector_size, (void), ())
DUCK_VOID(92, duck_destroy_value, (duck_value * value), (value))
DUCK(118, bool, duck_get_bool, (duck_value value), (value))
DUCK(125, int64_t, duck_get_int64, (duck_value value), (value))
DUCK(136, duck_type, duck_value_type, (duck_value value), (value))
DUCK(137, duck_blob, duck_get_blob, (duck_value value), (value))
DUCK(142, char *, duck_get_varchar, (duck_value value), (value))
DUCK(149, bool, duck_is_null, (duck_value value), (value))
DUCK(156, duck_type, duck_simple_type, (int32_t kind), (kind))
DUCK(159, duck_type, duck_list_type, (duck_type element), (element))
DUCK(163, duck_type, duck_struct_type, (duck_type * members, const char **names, uint64_t count),
     (members, names, count))
DUCK(165, duck_type, duck_decimal_type, (uint8_t width, uint8_t scale), (width, scale))
DUCK(166, int32_t, duck_type_kind, (duck_type type), (type))
DUCK_VOID(184, duck_destroy_type, (duck_type * type), (type))
DUCK(190, duck_vector, duck_column, (duck_chunk chunk, uint64_t index), (chunk, index))
DUCK_VOID(192, duck_set_size, (duck_chunk chunk, uint64_t rows), (chunk, rows))
DUCK(194, void *, duck_data, (duck_vector vector), (vector))
DUCK(195, uint64_t *, duck_validity, (duck_vector vector), (vector))
DUCK_VOID(196, duck_make_validity, (duck_vector vector), (vector))
DUCK_VOID(198, duck_assign_string, (duck_vector vector, uint64_t row, const char *text, uint64_t length),
          (vector, row, text, length))
DUCK(199, duck_vector, duck_list_child, (duck_vector list), (list))
DUCK(200, uint64_t, duck_list_size, (duck_vector list), (list))
DUCK(201, int, duck_set_list_size, (duck_vector list, uint64_t size), (list, size))
DUCK(202, int, duck_reserve_list, (duck_vector list, uint64_t capacity), (list, capacity))
DUCK(203, duck_vector, duck_struct_child, (duck_vector structs, uint64_t index), (structs, index))
DUCK(242, duck_function, duck_create_function, (void), ())
DUCK_VOID(243, duck_destroy_function, (duck_function * function), (function))
DUCK_VOID(244, duck_set_name, (duck_function function, const char *name), (function, name))
DUCK_VOID(245, duck_add_parameter, (duck_function function, duck_type type), (function, type))
DUCK_VOID(246, duck_add_named_parameter, (duck_function function, const char *name, duck_type type),
          (function, name, type))
DUCK_VOID(247, duck_set_extra, (duck_function function, void *extra, duck_destroy destroy), (function, extra, destroy))
DUCK_VOID(248, duck_set_bind, (duck_function function, void (*bind)(duck_bind)), (function, bind))
DUCK_VOID(249, duck_set_init, (duck_function function, void (*init)(duck_init)), (function, init))
DUCK_VOID(250, duck_set_local_init, (duck_function function, void (*init)(duck_init)), (function, init))
DUCK_VOID(251, duck_set_call, (duck_function function, void (*call)(duck_call, duck_chunk)), (function, call))
DUCK_VOID(252, duck_push_projection, (duck_function function, bool yes), (function, yes))
DUCK(253, int, duck_register, (duck_connection connection, duck_function function), (connection, function))
DUCK(254, void *, duck_bind_extra, (duck_bind bind), (bind))
DUCK_VOID(255, duck_add_column, (duck_bind bind, const char *name, duck_type type), (bind, name, type))
DUCK(257, duck_value, duck_parameter, (duck_bind bind, uint64_t index), (bind, index))
DUCK(258, duck_value, duck_named_parameter, (duck_bind bind, const char *name), (bind, name))
DUCK_VOID(259, duck_set_bind_data, (duck_bind bind, void *data, duck_destroy destroy), (bind, data, destroy))
DUCK_VOID(260, duck_set_cardinality, (duck_bind bind, uint64_t rows, bool exact), (bind, rows, exact))
DUCK_VOID(261, duck_bind_fail, (duck_bind bind, const char *text), (bind, text))
DUCK(262, void *, duck_init_extra, (duck_init init), (init))
DUCK(263, void *, duck_init_bind_data, (duck_init init), (init))
DUCK_VOID(264, duck_set_init_data, (duck_init init, void *data, duck_destroy destroy), (init, data, destroy))
DUCK(265, uint64_t, duck_wanted_count, (duck_init init), (init))
DUCK(266, uint64_t, duck_wanted_column, (duck_init init, uint64_t index), (init, index))
DUCK_VOID(267, duck_set_threads, (duck_init init, uint64_t most), (init, most))
DUCK_VOID(268, duck_init_fail, (duck_init init, const char *text), (init, text))
DUCK(270, void *, duck_call_bind_data, (duck_call call), (call))
DUCK(271, void *, duck_call_init_data, (duck_call call), (call))
DUCK(272, void *, duck_call_local_data, (duck_call call), (call))
DUCK_VOID(273, duck_call_fail, (duck_call call, const char *text), (call, text))

#endif

# The addon by node-gyp. Sources are listed once, in native/sources.txt, which CMakeLists.txt reads too. Instruction sets
# are chosen by function attributes in the sources, never by flags here.
{
  'targets': [
    {
      'target_name': 'overpunch',
      'sources': [
        "<!@(node -p \"require('fs').readFileSync('native/sources.txt','utf8').split('\\n').map(l=>l.split('#')[0].trim()).filter(Boolean).map(l=>'native/'+l).join(' ')\")",
      ],
      'include_dirs': [
        'native/include',
        "<!(node -p \"require('node-addon-api').include_dir\")",
      ],
      'defines': [
        'NAPI_VERSION=8',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
      ],
      'cflags': ['-O3', '-Wall', '-Wextra', '-fvisibility=hidden'],
      'cflags!': ['-O2', '-Wno-unused-parameter'],
      'cflags_c': ['-std=c11'],
      'cflags_cc': ['-std=c++17', '-fno-exceptions'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-fexceptions'],
      'xcode_settings': {
        'GCC_OPTIMIZATION_LEVEL': '3',
        'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
        'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
        'GCC_C_LANGUAGE_STANDARD': 'c11',
        'MACOSX_DEPLOYMENT_TARGET': '11.0',
        'WARNING_CFLAGS': ['-Wall', '-Wextra'],
      },
      # The core uses the compiler extensions that GCC and Clang share; on Windows that is Visual Studio's clang-cl.
      'msbuild_toolset': 'ClangCL',
      'msvs_settings': {
        'VCCLCompilerTool': { 'Optimization': 2, 'WarningLevel': 3, 'ExceptionHandling': 0 },
      },
    },
  ],
}

using System.Runtime.CompilerServices;

// Everything that crosses to librdkafka is blittable or turned into bytes by generated code: no marshalling at run time.
[assembly: DisableRuntimeMarshalling]

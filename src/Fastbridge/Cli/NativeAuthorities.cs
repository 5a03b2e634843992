using System.Runtime.InteropServices;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Cli;

/// <summary>Shows the OpenSSL that is linked into the executable where this system keeps its authorities.</summary>
internal static partial class NativeAuthorities
{
    /// <summary>
    /// Sets SSL_CERT_FILE to the file that was found, for .NET's own TLS: OpenSSL's folder is that of the machine where the executable was built, and Red Hat, for one, has another.
    /// What the user has set stays, where it is there. To be called before threads are made, as the C library's environment knows no locks; .NET's own copy of it is not what OpenSSL reads.
    /// </summary>
    public static void UseSystems()
    {
        if (!OperatingSystem.IsLinux() || Directory.Exists(Environment.GetEnvironmentVariable(SystemAuthorities.FolderVariable)) || SystemAuthorities.Find() is not { } file)
            return;
        _ = SetEnv(SystemAuthorities.FileVariable, file, 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}

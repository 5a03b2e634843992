using System.Reflection;

namespace Fastbridge.Cli;

/// <summary>The version as <c>--version</c> prints it.</summary>
internal static class Version
{
    public static string Text { get; } = typeof(Version).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}

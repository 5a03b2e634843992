namespace Fastbridge.Cli;

/// <summary>Where the connectors file is looked for when no option names it.</summary>
internal static class ConnectorsPath
{
    /// <summary>The place of a file that is not there yet.</summary>
    public const string Default = "connectors.json";

    /// <summary>In this order.</summary>
    public static readonly string[] Places = [Default, "/etc/fastbridge/connectors.json"];

    /// <summary>What FASTBRIDGE_CONFIG names, also where it is not there; else the first of the places that is; else null.</summary>
    public static string? Find(string? configured) => configured ?? Array.Find(Places, File.Exists);
}

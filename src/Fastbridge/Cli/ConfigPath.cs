using System.CommandLine;

namespace Fastbridge.Cli;

/// <summary>Which connectors file a command means.</summary>
internal static class ConfigPath
{
    /// <summary>The place of a file that is not there yet.</summary>
    public const string Default = "connectors.json";

    private static readonly string[] Places = [Default, "/etc/fastbridge/connectors.json"];

    public static Option<string?> NewOption(params string[] names) => new(names[0], names[1..])
    {
        Description = "The connectors file. Default: FASTBRIDGE_CONFIG, else ./connectors.json, else /etc/fastbridge/connectors.json",
        HelpName = "FILE",
    };

    /// <summary>The file that is named, else the environment's, else the first that is there; null where there is none.</summary>
    public static string? Find(string? named, Settings settings) => named ?? settings.ConfigFile ?? Array.Find(Places, File.Exists);

    /// <exception cref="SettingsException">There is none.</exception>
    public static string Require(string? named, Settings settings) => Find(named, settings)
        ?? throw new SettingsException($"no connectors file; give --config FILE or set FASTBRIDGE_CONFIG (looked for {string.Join(" and ", Places)})");
}

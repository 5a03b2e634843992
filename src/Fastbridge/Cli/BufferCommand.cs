using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;
using Fastbridge.Kafka;

namespace Fastbridge.Cli;

/// <summary><c>fastbridge buffer show</c>: what the disk buffers hold, also while a bridge runs.</summary>
internal static class BufferCommand
{
    public static Command Create()
    {
        Option<string?> config = ConfigPath.NewOption("--config", "-c");
        var path = new Option<string?>("--path") { Description = "One buffer's folder, instead of all of a connectors file", HelpName = "DIR" };
        var output = new Option<string>("--output", "-o") { Description = "table or json", HelpName = "FORM", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var show = new Command("show", "What each buffer holds: records, bytes, age of the oldest, files, damage. Reads only, also beside a running bridge.") { config, path, output };
        show.Validators.Add(result =>
        {
            if (result.GetResult(config) is { Implicit: false } && result.GetResult(path) is { Implicit: false })
                result.AddError("--config and --path: give one of them");
        });
        show.SetAction((parsed, _) => ShowAsync(parsed.GetValue(config), parsed.GetValue(path), parsed.GetValue(output) == "json"));
        return new Command("buffer", "The connectors' disk buffers.") { show };
    }

    private static async Task<int> ShowAsync(string? file, string? folder, bool json)
    {
        List<(string Connector, string Folder)> buffers = [];
        if (folder is not null)
        {
            buffers.Add(("", Path.GetFullPath(folder)));
        }
        else
        {
            string path = ConfigPath.Require(file, Settings.Load());
            LoadResult loaded = ConnectorsFile.Load(path, LoadEnvironment.Current with { CheckKafkaProperty = KafkaProperties.Check });
            if (loaded.Config is null)
            {
                foreach (Fault fault in loaded.Faults)
                    await Console.Error.WriteLineAsync(fault.ToString()).ConfigureAwait(false);
                return CommandTree.Wrong;
            }

            foreach (ConnectorConfig connector in loaded.Config.Connectors)
            {
                if (connector.Buffer is { } buffer)
                    buffers.Add((connector.Name, BufferFolder.Of(buffer, loaded.Config.StateDir, connector.Name)));
            }
        }

        List<BufferRow> rows = [];
        int exit = CommandTree.Done;
        foreach ((string connector, string at) in buffers)
        {
            try
            {
                rows.Add(BufferRow.Of(connector, BufferReport.Read(at), DateTimeOffset.UtcNow));
            }
            catch (BufferException e)
            {
                await Console.Error.WriteLineAsync($"fastbridge buffer show: {e.Message}").ConfigureAwait(false);
                exit = CommandTree.Failed;
            }
        }

        await Console.Out.WriteAsync(json ? JsonSerializer.Serialize(rows, BufferJson.Default.ListBufferRow) + "\n" : Table(rows, buffers.Count)).ConfigureAwait(false);
        return exit;
    }

    private static string Table(List<BufferRow> rows, int buffers)
    {
        if (rows.Count == 0)
            return buffers == 0 ? "no connector has a buffer\n" : "";
        string[][] cells =
        [
            ["CONNECTOR", "RECORDS", "BYTES", "OLDEST", "FILES", "DAMAGED", "MISSING", "IN USE", "PATH"],
            .. rows.Select(r => new[] { r.Connector, Number(r.Records), Number(r.Bytes), Age(r.OldestSeconds), Number(r.Files), Number(r.Damaged), Number(r.Missing), r.InUse ? "yes" : "no", r.Path }),
        ];
        var text = new System.Text.StringBuilder();
        foreach (string[] line in cells)
        {
            for (int column = 0; column < line.Length - 1; column++)
                text.Append(line[column].PadRight(cells.Max(c => c[column].Length) + 2));
            text.Append(line[^1]).Append('\n');
        }

        return text.ToString();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Age(double? seconds) => seconds switch
    {
        null => "-",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        < 7_200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3_600:0.#} h"),
    };
}

/// <summary>One buffer as <c>buffer show --output json</c> has it.</summary>
/// <param name="Connector">Empty with --path.</param>
/// <param name="Records">Records that Kafka does not have.</param>
/// <param name="OldestAt">When the oldest of them was received, UTC; null for none.</param>
/// <param name="OldestSeconds">Its age.</param>
/// <param name="Files">Files with records.</param>
/// <param name="Damaged">Damaged pieces set aside.</param>
/// <param name="Missing">Records that Kafka is not known to have and that are in no file; 0 while a bridge runs.</param>
internal sealed record BufferRow(
    string Connector, string Path, long Records, long Bytes, DateTimeOffset? OldestAt, double? OldestSeconds, int Files, int Damaged, long DamagedBytes, long Missing, bool InUse)
{
    public static BufferRow Of(string connector, BufferReport report, DateTimeOffset now) => new(
        connector,
        report.Path,
        report.Records,
        report.Bytes,
        report.OldestAt,
        report.OldestAt is { } oldest ? Math.Round((now - oldest).TotalSeconds, 3) : null,
        report.Segments,
        report.Damaged,
        report.DamagedBytes,
        report.Missing,
        report.InUse);
}

/// <summary>Source-generated: the executable is trimmed, and reflection would find nothing.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(List<BufferRow>))]
internal sealed partial class BufferJson : JsonSerializerContext;

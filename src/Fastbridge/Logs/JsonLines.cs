using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Fastbridge.Logs;

/// <summary>A JSON object a line: time, level, part, id, event, message, then what the message is made of, then the exception.</summary>
internal sealed class JsonLines(TimeProvider time) : ConsoleFormatter(LogOutput.FormatterName)
{
    /// <summary>Members that every line has; no value of a message may take their names.</summary>
    public static readonly string[] Fixed = ["time", "level", "part", "id", "event", "message", "exception"];

    private const string Template = "{OriginalFormat}";

    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string text = entry.Formatter(entry.State, entry.Exception);
        textWriter.Write(Line(entry.LogLevel, entry.Category, entry.EventId, text, entry.State as IReadOnlyList<KeyValuePair<string, object?>>, entry.Exception));
        textWriter.Write('\n');
    }

    /// <summary>RetryIn is retry_in, QoS is qos.</summary>
    public static string MemberOf(string parameter)
    {
        var name = new StringBuilder(parameter.Length + 4);
        foreach (char c in parameter.Replace("QoS", "Qos", StringComparison.Ordinal))
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0 && name[^1] != '_')
                name.Append('_');
            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }

    private string Line(LogLevel level, string category, EventId id, string text, IReadOnlyList<KeyValuePair<string, object?>>? values, Exception? exception)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Format))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", LogOutput.NameOf(level));
            json.WriteString("part", LogLevels.PartOf(category));
            json.WriteNumber("id", id.Id);
            json.WriteString("event", id.Name ?? "");
            json.WriteString("message", text);
            for (int i = 0; i < (values?.Count ?? 0); i++)
            {
                (string name, object? value) = values![i];
                if (name != Template)
                    Write(json, MemberOf(name), value);
            }

            if (exception is not null)
                json.WriteString("exception", $"{exception.GetType().Name}: {exception.Message}");
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}

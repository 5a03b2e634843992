using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// The bounded file of what Kafka can never take: one JSON object a line, on disk (fsync) before the message is acknowledged. When it is full
/// nothing more goes in, and the connector holds: what is not safe is not acknowledged.
/// </summary>
/// <remarks>Used by one thread at a time. The file is opened for each entry: entries are rare, and an operator may move the file away to make room.</remarks>
internal sealed class DeadLetterFile(string path, long maxBytes = DeadLetterFile.DefaultMaxBytes)
{
    /// <summary>64 MiB: days of occasional bad messages, and small beside a gateway's disk.</summary>
    public const long DefaultMaxBytes = 64 * 1024 * 1024;

    public string Path => path;

    /// <summary>Puts a record away. Null when it is on disk, else why not: one line with the remedy.</summary>
    public string? TryAppend(string connector, RetainedRecord record, DateTimeOffset now)
    {
        var line = new ArrayBufferWriter<byte>(record.Value.Length * 2 + 1024);
        Write(line, connector, record, now);
        line.Write("\n"u8);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            bool created = !File.Exists(path);
            using (var file = new FileStream(path, Options()))
            {
                if (file.Length + line.WrittenCount > maxBytes)
                    return $"{path}: the dead-letter file is full ({file.Length:N0} of {maxBytes:N0} bytes); move it away, and the connector goes on";
                CutTornTail(file);
                file.Seek(0, SeekOrigin.End);
                file.Write(line.WrittenSpan);
                file.Flush(flushToDisk: true);
            }

            if (created)
                Folder.Flush(System.IO.Path.GetDirectoryName(path)!);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path}: the dead letter cannot be written: {e.Message.TrimEnd('.')}; free the disk or mend the folder's rights, and the connector goes on";
        }
    }

    /// <summary>A crash, or a full disk, may have left half a line: the next entry must not be glued to it.</summary>
    private static void CutTornTail(FileStream file)
    {
        if (file.Length == 0)
            return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() == '\n')
            return;
        Span<byte> block = stackalloc byte[4096];
        long end = file.Length;
        while (end > 0)
        {
            int size = (int)Math.Min(block.Length, end);
            file.Seek(end - size, SeekOrigin.Begin);
            file.ReadExactly(block[..size]);
            int newline = block[..size].LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                end = end - size + newline + 1;
                break;
            }

            end -= size;
        }

        file.SetLength(end);
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // Payloads may be private.
        return options;
    }

    private static void Write(IBufferWriter<byte> line, string connector, RetainedRecord record, DateTimeOffset now)
    {
        using var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("connector_name", connector);
        json.WriteString("source_topic", record.MqttTopic);
        json.WriteString("error_message", record.Reason);
        json.WriteNumber("retry_times", record.Retries);
        json.WriteString("time", now.UtcDateTime);
        json.WriteString("kafka_topic", record.KafkaTopic);
        json.WriteNumber("kafka_timestamp", record.TimestampMs);
        WriteKey(json, record.Key);
        if (!record.Headers.IsEmpty)
            WriteHeaders(json, record.Headers.Span);
        if (IsJsonObject(record.Value.Span))
        {
            json.WritePropertyName("record");
            json.WriteRawValue(record.Value.Span, skipInputValidation: true);
        }
        else
        {
            json.WriteBase64String("record_base64", record.Value.Span);
        }

        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, ReadOnlyMemory<byte>? key)
    {
        if (key is null)
            json.WriteNull("key");
        else if (System.Text.Unicode.Utf8.IsValid(key.Value.Span))
            json.WriteString("key", key.Value.Span);
        else
            json.WriteBase64String("key_base64", key.Value.Span);
    }

    private static void WriteHeaders(Utf8JsonWriter json, ReadOnlySpan<byte> headers)
    {
        json.WriteStartArray("headers");
        while (Records.HeaderList.TryTake(ref headers, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            json.WriteStartObject();
            json.WriteString("key", Encoding.UTF8.GetString(name));
            json.WriteBase64String("value_base64", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A record of the JSON formats stands in the line as it is; anything else, also JSON that spans lines, as Base64.</summary>
    private static bool IsJsonObject(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] != (byte)'{' || value.Contains((byte)'\n'))
            return false;
        var reader = new Utf8JsonReader(value);
        try
        {
            return reader.Read() && reader.TrySkip() && reader.BytesConsumed == value.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fastbridge.Core.Config.Store;

namespace Fastbridge.Admin;

/// <summary>An answer in RobustMQ's shape: <c>code</c>, <c>message</c>, <c>data</c>, <c>error</c>; ours add <c>revision</c>, <c>reason</c> and <c>faults</c>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">UTF-8.</param>
internal sealed record Answer(int Status, ReadOnlyMemory<byte> Body)
{
    public string ContentType { get; init; } = "application/json";

    /// <summary>Disposed when the body is sent, or cannot be; null where nothing is to be given back.</summary>
    public IDisposable? Held { get; init; }

    /// <summary>The refusal of a request that came with another token.</summary>
    public bool IsWrongToken { get; init; }

    public const int Success = 0;

    /// <summary>RobustMQ's one code for whatever went wrong.</summary>
    public const int Fault = 100;

    /// <summary>A file that stays the same for this executable: a browser may keep it, and ask whether it is still good.</summary>
    public bool IsAsset { get; init; }

    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="data">Writes the value of <c>data</c>.</param>
    public static Answer Of(Action<Utf8JsonWriter> data) => new(200, Write(json =>
    {
        json.WriteStartObject();
        Head(json, Success, "success");
        json.WritePropertyName("data");
        data(json);
        json.WriteNull("error");
        json.WriteEndObject();
    }));

    /// <param name="reason">A word for programs: see <see cref="Reasons"/>.</param>
    public static Answer Refused(int status, string error, string reason, ImmutableArray<string> faults = default) => new(status, Write(json =>
    {
        json.WriteStartObject();
        Head(json, Fault, error);
        json.WriteString("data", "");
        json.WriteString("error", error);
        json.WriteString("reason", reason);
        if (!faults.IsDefaultOrEmpty)
        {
            json.WriteStartArray("faults");
            foreach (string fault in faults)
                json.WriteStringValue(fault);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }));

    /// <summary>
    /// What became of a change. A request that was understood gets 200, as RobustMQ answers, and <c>code</c> says whether it was done; what does not pass
    /// validation gets 400, and another revision 409, which only those can meet who sent one.
    /// </summary>
    public static Answer Of(StoreOutcome outcome)
    {
        if (!outcome.IsDone)
        {
            string error = string.Join("; ", outcome.Faults);
            return outcome.Result switch
            {
                StoreResult.Invalid => Refused(400, "Parameter validation failed: " + error, Reasons.Of(outcome.Result), outcome.Faults),
                StoreResult.Conflict => Refused(409, error, Reasons.Of(outcome.Result), outcome.Faults),
                _ => Refused(200, error, Reasons.Of(outcome.Result), outcome.Faults),
            };
        }

        return new Answer(200, Write(json =>
        {
            json.WriteStartObject();
            Head(json, Success, "success");
            json.WriteString("data", "success");
            json.WriteNull("error");
            json.WriteString("revision", outcome.Revision);
            json.WriteStartArray("warnings");
            foreach (string warning in outcome.Warnings)
                json.WriteStringValue(warning);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Format))
            write(json);
        return buffer.WrittenMemory;
    }

    private static void Head(Utf8JsonWriter json, int code, string message)
    {
        json.WriteNumber("code", code);
        json.WriteString("message", message);
    }
}

/// <summary>Words of <c>reason</c>: they stay as they are, so that programs need not read sentences.</summary>
internal static class Reasons
{
    public const string Exists = "exists";
    public const string NotFound = "not_found";
    public const string Invalid = "invalid";
    public const string Conflict = "conflict";
    public const string Unavailable = "unavailable";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";
    public const string BadRequest = "bad_request";
    public const string Failed = "failed";

    public static readonly ImmutableArray<string> All = [Exists, NotFound, Invalid, Conflict, Unavailable, Unauthorized, Forbidden, BadRequest, Failed];

    public static string Of(StoreResult result) => result switch
    {
        StoreResult.Exists => Exists,
        StoreResult.NotFound => NotFound,
        StoreResult.Conflict => Conflict,
        _ => Invalid,
    };

    /// <summary>Null: the word says nothing of a store's outcome.</summary>
    public static StoreResult? ToResult(string? reason) => reason switch
    {
        Exists => StoreResult.Exists,
        NotFound => StoreResult.NotFound,
        Conflict => StoreResult.Conflict,
        Invalid => StoreResult.Invalid,
        _ => null,
    };
}

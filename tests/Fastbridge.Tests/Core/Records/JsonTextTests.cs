using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fastbridge.Core.Records;

namespace Fastbridge.Tests.Core.Records;

public class JsonTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("sensor/temperature", "sensor/temperature")]
    [InlineData("say \"hi\"", "say \\\"hi\\\"")]
    [InlineData("c:\\temp", "c:\\\\temp")]
    [InlineData("\b\t\n\f\r", "\\b\\t\\n\\f\\r")]
    [InlineData("\u0000\u0001\u000B\u001F", "\\u0000\\u0001\\u000B\\u001F")]
    [InlineData("</script>&'+<>", "</script>&'+<>")]
    [InlineData("😀 größe \u007F\u0080\u2028\u2029\uFEFF\uFFFE\uFFFF\uE000", "😀 größe \u007F\u0080\u2028\u2029\uFEFF\uFFFE\uFFFF\uE000")]
    [InlineData("\U0001FFFE\U0010FFFF", "\U0001FFFE\U0010FFFF")]
    public void only_what_json_demands_is_escaped(string text, string expected) => Assert.Equal(expected, Escape(text));

    [Fact]
    public void every_ascii_character_has_the_form_that_utf8jsonwriter_gives_it()
    {
        for (int c = 0; c < 0x7F; c++)
            Assert.Equal(Utf8JsonWriterForm(((char)c).ToString()), Escape(((char)c).ToString()));
    }

    [Fact]
    public void every_code_point_parses_back_to_itself()
    {
        for (int c = 0; c <= 0x10FFFF; c++)
        {
            if (c is >= 0xD800 and <= 0xDFFF || (c > 0x3000 && c < 0xD000))
                continue; // surrogates are no characters; of the ideographs one way is enough, below
            AssertParsesBack(char.ConvertFromUtf32(c) + "x");
            if (c == 0x3000)
                AssertParsesBack(string.Concat(Enumerable.Range(0x3000, 0xA000).Select(char.ConvertFromUtf32)));
            if (c > 0x10000)
                c += 97;
        }
    }

    [Fact]
    public void an_escape_is_found_at_every_place_of_a_text_of_every_length()
    {
        foreach (char special in "\"\\\u0001\n\u001F")
        {
            for (int length = 1; length <= 80; length++)
            {
                for (int at = 0; at < length; at++)
                {
                    string text = new string('x', at) + special + new string('y', length - at - 1);
                    Assert.Equal(Utf8JsonWriterForm(text), Escape(text));
                }
            }
        }
    }

    private static void AssertParsesBack(string text)
    {
        using JsonDocument document = JsonDocument.Parse($"\"{Escape(text)}\"");
        Assert.Equal(text, document.RootElement.GetString());
    }

    private static string Utf8JsonWriterForm(string text)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            writer.WriteStringValue(text);
        string quoted = Encoding.UTF8.GetString(stream.ToArray());
        return quoted[1..^1];
    }

    private static string Escape(string text)
    {
        var output = new ByteBuffer();
        JsonText.Append(output, Encoding.UTF8.GetBytes(text));
        return Encoding.UTF8.GetString(output.Written);
    }
}
